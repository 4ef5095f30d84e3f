import { logVerbosity, type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, type ServerWritableStream, setLogVerbosity, status } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { protoFolder, protoLoaderOptions } from '@kendt/contracts';
import { ServerGrpc } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import { headerOf } from '../http/call.js';
import { withTrace } from '../http/trace.js';
import type { Observer } from '../observed/observer.js';
import { markStreaming } from './streaming.js';

/** A promise to callers: the package's name, and the absolute path of the file that defines it. */
export interface GrpcContract {
  readonly package: string;
  readonly protoFile: string;
}

export interface GrpcServerOptions {
  readonly contracts: readonly GrpcContract[];
  readonly host: string;
  readonly port: number;
  readonly observer: Observer;
}

type Call = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;
type Method = (call: Call, callback?: sendUnaryData<unknown>) => unknown;

const maxMessage = 64 * 1024;
const grace = 5000;

/** Nest's gRPC server, with a port of its own choice, reflection, health, traces and a line in the log per call. */
export class KendtGrpcServer extends ServerGrpc {
  private readonly health = new HealthImplementation({ '': 'SERVING' });
  port = 0;
  #server: Server | undefined;

  constructor(private readonly settings: GrpcServerOptions) {
    super({
      package: settings.contracts.map((contract) => contract.package),
      protoPath: settings.contracts.map((contract) => contract.protoFile),
      loader: { ...protoLoaderOptions, includeDirs: [protoFolder()] },
      onLoadPackageDefinition: (definition: ConstructorParameters<typeof ReflectionService>[0], server: Server) => {
        new ReflectionService(definition).addToServer(server);
        this.health.addToServer(server);
      },
    });
  }

  override async createClient(): Promise<Server> {
    const { host, port } = this.settings;
    if (!process.env['GRPC_VERBOSITY']) setLogVerbosity(logVerbosity.NONE); // it would write to the terminal what we report ourselves
    const server = new Server({ 'grpc.max_receive_message_length': maxMessage });
    this.port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`${host.includes(':') ? `[${host}]` : host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    this.#server = server;
    return server;
  }

  /** Whoever watches the health turns to another process before this one goes. */
  stopServing(): void {
    this.health.setStatus('', 'NOT_SERVING');
  }

  /** Takes no more calls and lets those in hand finish; a stream that never ends is cut after five seconds. */
  override async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const timer = setTimeout(() => server.forceShutdown(), grace);
    await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    clearTimeout(timer);
  }

  override createServiceMethod(...[handler, native, streamType]: Parameters<ServerGrpc['createServiceMethod']>): Method {
    const method = super.createServiceMethod(handler, native, streamType) as Method;
    const path = String((native as { path?: string }).path);
    return (call, callback) => {
      const { logger, metrics, tracing } = this.settings.observer;
      const span = tracing.begin({ name: path.slice(1), kind: 'server', traceparent: headerOf(call.metadata, 'traceparent') ?? '' });
      const started = performance.now();
      const log = (code: status, problem?: string): void => {
        const ms = performance.now() - started;
        logger.info({ traceId: span.trace.traceId, method: 'GRPC', route: path, status: status[code], ms: Math.round(ms), code: problem ?? status[code] }, 'request');
        metrics.observe('kendt_grpc_call_seconds', { method: path, code: status[code] }, ms / 1000);
        span.setAttribute('rpc.method', path.slice(1));
        span.setAttribute('rpc.response.status_code', status[code]);
        if (problem) span.setAttribute('kendt.code', problem);
        if (code === status.INTERNAL || code === status.UNKNOWN) span.failed();
        span.end();
      };
      if (callback) return withTrace(span.trace, () => method(call, logged(callback, log)));
      markStreaming(call.metadata);
      logStream(call, log);
      return withTrace(span.trace, () => method(call));
    };
  }
}

const logged =
  (callback: sendUnaryData<unknown>, log: (code: status, problem?: string) => void): sendUnaryData<unknown> =>
  (error, ...rest) => {
    log(error ? (error.code ?? status.UNKNOWN) : status.OK, codeOf(error));
    callback(error, ...rest);
  };

/** The stable code that stands in the trailing metadata. */
const codeOf = (error: Parameters<sendUnaryData<unknown>>[0]): string | undefined => error?.metadata?.get('kendt-code')[0]?.toString();

const logStream = (call: Call, log: (code: status) => void): void => {
  let failed: status | undefined;
  call.once('error', (error: { code?: status }) => (failed = error.code ?? status.UNKNOWN));
  call.once('close', () => log(failed ?? (call.cancelled ? status.CANCELLED : status.OK)));
};
