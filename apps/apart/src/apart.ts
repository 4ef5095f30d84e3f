import { join, resolve } from 'node:path';
import { settingsOf } from '@kendt/nest';
import { freePorts } from './free-ports.js';
import { type Gateway, startGateway } from './gateway.js';
import { install } from './installation.js';
import { Instance } from './instance.js';
import { type Engines, type Places, startEngines, type WantedEngines } from './places.js';
import { services } from './services.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ApartOptions {
  /** Emptied at the start, and filled again. */
  readonly folder: string;
  /** Of each service; 2 unless told. */
  readonly instances?: number;
  /** Real servers that are started where the environment names none; without, everything lies in files. */
  readonly engines?: Partial<WantedEngines>;
  /** Of the gateway; a free one unless told. */
  readonly port?: number;
  /** Settings over what is set here, and addresses of servers that run elsewhere. */
  readonly env?: Environment;
  /** Of each process, beside the settings of its service: what Node reads. */
  readonly processEnv?: Environment;
  /** Told of each step, for who waits. */
  readonly onStep?: (sentence: string) => void;
}

export interface Apart {
  /** Of the gateway: REST, pages and gRPC. */
  readonly url: string;
  readonly places: Places;
  readonly secretsDir: string;
  readonly started: Engines['started'];
  readonly gateway: Gateway;
  readonly instances: readonly Instance[];
  /** The gateway first, so that nobody asks what is going; then all services at once; then the servers. */
  stop(): Promise<void>;
}

/** Every service as processes of its own on this machine, with a gateway in front. @throws Error with what a process said that did not start. */
export const startApart = async ({ folder, instances: count = 2, engines: wanted = {}, port, env = {}, processEnv = {}, onStep = () => undefined }: ApartOptions): Promise<Apart> => {
  const running: { stop(): Promise<unknown> }[] = [];
  const stop = async (): Promise<void> => {
    for (const each of running.splice(0).reverse()) await each.stop();
  };
  try {
    onStep('servers');
    const engines = await startEngines(join(folder, 'files'), env, { kafka: false, mongo: false, ...wanted });
    running.push(engines);
    const [secretsDir, configDir] = [resolve(folder, 'secrets'), resolve(env['CONFIG_DIR'] || 'config/demo')];
    await install({ secretsDir, configDir }, { ...engines.places }, { DATA_DIR: folder, ...env });
    const [freePort = 0, ...ports] = await freePorts(1 + services.length * count * 3); // at once, so that they are different
    const gatewayPort = port || freePort;
    const url = `http://127.0.0.1:${gatewayPort}`;
    const shared = { DRAIN_SECONDS: '2', ...env, ...engines.places, SECRETS_DIR: secretsDir, CONFIG_DIR: configDir, PUBLIC_URL: url, MAIL: `dir:${resolve(folder, 'mail')}`, TRUST_PROXY: 'loopback' };
    const instances = instancesOf(count, ports, shared, folder, processEnv);
    onStep('services');
    running.push({ stop: () => Promise.all(instances.map((instance) => instance.stop())) });
    await Promise.all(instances.map((instance) => instance.start()));
    onStep('gateway');
    const gateway = await startGateway(gatewayPort, join(resolve(folder), 'gateway'), instances);
    running.push(gateway);
    return { url, places: engines.places, secretsDir, started: engines.started, gateway, instances, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Each is given what its service reads, and nothing else. */
const instancesOf = (count: number, ports: number[], shared: Environment, folder: string, processEnv: Environment): Instance[] => {
  const names = services.flatMap((service) => Array.from({ length: count }, (_, n) => ({ service, name: `${service.name}-${n + 1}` })));
  return names.map(({ service, name }) => {
    const [http, grpc, operators] = ports.splice(0, 3) as [number, number, number];
    const own = { HTTP_PORT: String(http), GRPC_PORT: String(grpc), OPERATORS_PORT: String(operators), LOG_FILE: resolve(folder, 'logs', `${name}.log`) };
    const all: Environment = { ...shared, ...own };
    const read = settingsOf(service).map((setting): [string, string | undefined] => [setting, all[setting]]);
    return new Instance({ name, service: service.name, ports: { http, grpc, operators }, env: { PATH: process.env['PATH'], ...processEnv, ...Object.fromEntries(read) } });
  });
};
