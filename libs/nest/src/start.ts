import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Installation } from '@kendt/contracts';
import { type CachedKeyRing, cachedKeys, type Clock, type EventStore, keyedLookup, keysMustFit, type Lookup, remembering, SharedTail, StateCache } from '@kendt/eventsourcing';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Logger } from 'pino';
import { activeInStream } from './auth/customer-status.js';
import { Directory } from './catalogue/directory.js';
import { type Config, httpUrl } from './config/config.js';
import type { Secrets } from './config/secrets.js';
import { fixedTokenKeys, type TokenKeys } from './config/token-keys.js';
import { currentEvents } from './current-events.js';
import { type GrpcContract, KendtGrpcServer } from './grpc/grpc.server.js';
import { fastifyAdapter, prepare } from './http/fastify.js';
import { KendtModule } from './kendt.module.js';
import { createLogger, nestLogger } from './logs/logger.js';
import { stackFrames } from './logs/stack-frames.js';
import { type ApiTitle, serveDocs } from './docs/openapi.js';
import { observedEvents } from './observed/observed-events.js';
import { observedTopics } from './observed/observed-topics.js';
import type { Observer } from './observed/observer.js';
import { Health } from './operators/health.js';
import { Metrics } from './operators/metrics.js';
import { backgroundMetrics } from './operators/background.metrics.js';
import { Operations } from './operators/operations.js';
import { processMetrics } from './operators/process.metrics.js';
import { operatorsApi } from './operators/operators.api.js';
import { startOperators } from './operators/operators.server.js';
import { TopicOperations } from './operators/topic.operations.js';
import { chosenPort, portError } from './ports.js';
import { Consumers } from './runtime/consumers.js';
import { Followers } from './runtime/followers.js';
import { keysMustStayDestroyed } from './runtime/returned-keys.js';
import { openTracing } from './tracing/otlp.js';
import type { Tracing } from './tracing/tracing.js';
import type { CustomerStatus, Foundation, Ports } from './tokens.js';

export interface KendtOptions {
  /** In logs and as the title of the API's documents. */
  readonly name: string;
  readonly version?: string;
  /**
   * The name of this process among all that share its stores. One that starts under the name of one that died goes on with its work at
   * once instead of after some seconds; so it must be sure that no two live under one name.
   */
  readonly instance?: string;
  readonly modules: readonly (Type<unknown> | DynamicModule)[];
  readonly grpc?: readonly GrpcContract[];
  readonly ports: Ports;
  readonly config: Config;
  readonly secrets: Secrets;
  /** What the configuration files say. */
  readonly installation?: Installation;
  readonly clock?: Clock;
  /** What tokens are signed with, or their public halves where they are only checked; those of `secrets` unless told. */
  readonly tokenKeys?: TokenKeys;
  readonly customerStatus?: CustomerStatus;
  readonly logger?: Logger;
  /** Where spans go; as the configuration says unless told. */
  readonly tracing?: Tracing;
  /** The REST interface of all services, to be shown where the gateway brings who asks for it; this one's own unless told. */
  readonly wholeApi?: OpenAPIObject;
  /** How old a number may be that is read from a store for a scrape. */
  readonly freshMs?: number;
}

export interface Kendt {
  readonly app: NestFastifyApplication;
  readonly config: Config;
  readonly httpUrl: string;
  /** `host:port`, as gRPC clients want it. */
  readonly grpcUrl: string;
  readonly operatorsUrl: string;
  /** Takes no more, finishes what is in hand, stops followers and consumers, closes the ports; done within ten seconds. */
  close(): Promise<void>;
}

/**
 * Starts services in one process; prints nothing.
 * @throws Error with one clear sentence when a port is taken.
 */
export const startKendt = async (options: KendtOptions): Promise<Kendt> => {
  const ports = { ...options.ports, keys: cachedKeys(options.ports.keys) };
  await keysMustFit(ports.events, ports.keys);
  await keysMustStayDestroyed(ports.events, ports.keys, options.clock?.() ?? new Date());
  const config = await withChosenPort(options.config);
  const logger = options.logger ?? createLogger(options.name, config);
  const metrics = new Metrics(options.freshMs);
  const instance = options.instance ?? `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`;
  const tracing = options.tracing ?? (await openTracing(config, { service: options.name, version: options.version, instance }));
  const observer: Observer = { logger, metrics, tracing };
  const app = await createApp({ ...options, instance, ports: observed(ports, observer) }, config, observer);
  const grpc = options.grpc?.length ? connectGrpc(app, options.grpc, config, observer) : undefined;
  const closing: (() => Promise<void>)[] = [async () => grpc?.stopServing(), () => drain(config), () => closeServers(app), () => closePorts(ports), () => tracing.close()];
  const close = once(() => stop(app, closing, logger));
  try {
    await listen(app, config, grpc !== undefined);
    const health = app.get(Health);
    const topics = new TopicOperations(app.get(Consumers), app.get(Directory));
    const api = operatorsApi(new Operations(app.get(Followers), options.ports.views), topics, options.secrets.operatorsKey, logger);
    const operators = await startOperators(config.httpHost, config.operatorsPort, health, metrics, api).catch(portError('OPERATORS_PORT', config.operatorsPort));
    closing.push(() => operators.close());
    backgroundMetrics(metrics, app.get(Followers), app.get(Consumers));
    processMetrics(metrics, config, health, tracing);
    const { port } = app.getHttpServer().address() as AddressInfo;
    logger.info({ node: process.version, httpPort: port, grpcPort: grpc?.port, operatorsPort: operators.port }, 'started');
    return {
      app,
      config,
      httpUrl: httpUrl(config.httpHost, port),
      grpcUrl: grpc ? httpUrl(config.httpHost, grpc.port).slice('http://'.length) : '',
      operatorsUrl: httpUrl(config.httpHost, operators.port),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const emptyInstallation: Installation = { group: { name: 'Kendt' }, brands: [], clients: [], purposes: [], systems: [], identityProviders: [] };

/** The issuer of tokens holds the port, so a free one must be known before anything is built. */
const withChosenPort = async (config: Config): Promise<Config> => {
  if (config.httpPort !== 0) return config;
  const httpPort = await chosenPort(config.httpHost);
  const publicUrl = config.publicUrl === httpUrl(config.httpHost, 0) ? httpUrl(config.httpHost, httpPort) : config.publicUrl;
  return { ...config, httpPort, publicUrl };
};

/** What goes in and out of the process is what is seen of it. */
const observed = (ports: Foundation['ports'], observer: Observer): Foundation['ports'] => {
  observer.metrics.count('kendt_key_cache_requests_total', () => Object.entries(ports.keys.wanted).map(([result, value]) => ({ labels: { result }, value })));
  return { ...ports, events: observedEvents(ports.events, observer), topics: observedTopics(ports.topics, observer) };
};

/** A state may hold what was opened: it goes before the caller hears that a key is destroyed. */
const statesOf = (keys: CachedKeyRing): StateCache => {
  const states = new StateCache();
  keys.onDestroyed((customerId) => states.forget(customerId));
  return states;
};

/** Made when it is first wanted: a service that looks nobody up is not given the key. */
const lookupOf = (secrets: Secrets): Lookup => {
  let lookup: Lookup | undefined;
  return (kind, value) => (lookup ??= keyedLookup(secrets.lookupKey))(kind, value);
};

const createApp = async (options: KendtOptions & Pick<Foundation, 'ports' | 'instance'>, config: Config, observer: Observer): Promise<NestFastifyApplication> => {
  const { name, instance, secrets, clock = () => new Date() } = options;
  const ports = { ...options.ports, events: new SharedTail(options.ports.events) }; // for those who open nothing, and for the one that opens for all
  const tail = new SharedTail(currentEvents(ports));
  ports.keys.onDestroyed(() => tail.forget());
  const events: EventStore = remembering(tail, statesOf(ports.keys));
  const foundation = {
    name,
    instance,
    ports,
    config,
    secrets,
    clock,
    events,
    lookup: lookupOf(secrets),
    installation: options.installation ?? emptyInstallation,
    tokenKeys: options.tokenKeys ?? fixedTokenKeys(() => secrets.tokenKeys, clock),
    customerStatus: options.customerStatus ?? activeInStream(events),
  };
  @Module({ imports: [KendtModule.forRoot(foundation, observer), ...options.modules] })
  class App {}
  const app = await NestFactory.create<NestFastifyApplication>(App, fastifyAdapter(config), {
    logger: nestLogger(observer.logger),
    abortOnError: false,
    forceCloseConnections: false,
  });
  await prepare(app, config, observer);
  serveDocs(app, titleOf(options), options.wholeApi);
  return app;
};

export const titleOf = ({ name, version = '1' }: Pick<KendtOptions, 'name' | 'version'>): ApiTitle => ({ title: name, version });

const connectGrpc = (app: NestFastifyApplication, contracts: readonly GrpcContract[], config: Config, observer: Observer): KendtGrpcServer => {
  const strategy = new KendtGrpcServer({ contracts, host: config.httpHost, port: config.grpcPort, observer });
  app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  return strategy;
};

const listen = async (app: NestFastifyApplication, config: Config, withGrpc: boolean): Promise<void> => {
  await app.init();
  if (withGrpc) await app.startAllMicroservices().catch(portError('GRPC_PORT', config.grpcPort));
  await app.listen(config.httpPort, config.httpHost).catch(portError('HTTP_PORT', config.httpPort));
};

const closePorts = async ({ events, views, topics, keys }: Ports): Promise<void> => {
  for (const port of [events, topics, views, keys]) await port.close();
};

const lastMoment = 8000;

/** Still answers, while whoever asks for its readiness learns that it goes. */
const drain = ({ drainMs }: Config): Promise<void> => sleep(drainMs);

/**
 * Idle connections are closed only now that whoever balances has had time to learn of it: a gateway may be sending on one at this very
 * moment, and cannot send a command once more by itself. An answered connection would be kept alive and hold up the end.
 */
const closeServers = async (app: NestFastifyApplication): Promise<void> => {
  const server = app.getHttpServer();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await app.close().finally(() => clearInterval(idle));
};

/** In order, each step even where the one before has failed. Connections that hang on are cut in time. */
const stop = async (app: NestFastifyApplication, steps: readonly (() => Promise<void>)[], logger: Logger): Promise<void> => {
  app.get(Health).stopping = true;
  logger.info('stopping');
  const late = setTimeout(() => app.getHttpServer().closeAllConnections(), lastMoment);
  for (const step of steps) await step().catch((error: unknown) => logger.error({ stack: stackFrames(error) }, 'Closing failed'));
  clearTimeout(late);
  logger.info('stopped');
};

const once = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
};
