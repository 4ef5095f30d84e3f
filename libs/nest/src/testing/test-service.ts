import { type Clock, MemoryEventStore, MemoryKeyRing, MemoryTopics, MemoryViews } from '@kendt/eventsourcing';
import { readConfig } from '../config/config.js';
import { generateSecrets, type Secrets } from '../config/secrets.js';
import { type Kendt, type KendtOptions, startKendt } from '../start.js';
import type { Ports } from '../tokens.js';
import { accessToken, type TokenWish } from './access-token.js';

export interface TestService extends Kendt {
  readonly ports: Ports;
  readonly secrets: Secrets;
  /** `Bearer …` */
  token(wish?: TokenWish): Promise<string>;
  /** `path` begins with a slash. A body that is no string is sent as JSON. */
  request(path: string, options?: TestRequest): Promise<Response>;
}

export interface TestRequest {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes a token as wished and sends it. */
  readonly as?: TokenWish;
}

export interface TestServiceOptions extends Partial<Omit<KendtOptions, 'config' | 'modules'>> {
  readonly modules: KendtOptions['modules'];
  /** Settings as in the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export const memoryPorts = (clock?: Clock): Ports => ({
  events: new MemoryEventStore(),
  views: new MemoryViews(clock),
  topics: new MemoryTopics(clock),
  keys: new MemoryKeyRing(),
});

const quiet = { HTTP_PORT: '0', GRPC_PORT: '0', OPERATORS_PORT: '0', LOG_LEVEL: 'silent', RETRY_SECONDS: '0.01,0.02,0.03', DATA_DIR: '/nonexistent/kendt-test' };

/** A real server on free ports, in memory, silent. */
export const startTestService = async ({ env = {}, ...options }: TestServiceOptions): Promise<TestService> => {
  const ports = options.ports ?? memoryPorts(options.clock);
  const secrets = options.secrets ?? (await generateSecrets());
  const kendt = await startKendt({ name: 'test', freshMs: 0, ...options, ports, secrets, config: readConfig({ ...quiet, ...env }) });
  const token = async (wish?: TokenWish): Promise<string> => `Bearer ${await accessToken(secrets, kendt.config, wish, options.clock?.())}`;
  return { ...kendt, ports, secrets, token, request: async (path, request = {}) => send(kendt.httpUrl + path, request, token) };
};

const send = async (url: string, { method, body, headers = {}, as }: TestRequest, token: TestService['token']): Promise<Response> => {
  const json = body !== undefined && typeof body !== 'string';
  return fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: { ...(json && { 'content-type': 'application/json' }), ...(as && { authorization: await token(as) }), ...headers },
    ...(body !== undefined && { body: json ? JSON.stringify(body) : (body) }),
  });
};
