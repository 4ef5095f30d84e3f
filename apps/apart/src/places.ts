import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startKafka } from '@kendt/testing/kafka';
import { startMongo } from '@kendt/testing/mongodb';

export interface Places {
  readonly EVENT_STORE_URL: string;
  readonly VIEWS_URL: string;
  readonly TOPICS_URL: string;
  readonly KEYS_URL: string;
}

export interface Engines {
  readonly places: Places;
  /** What was started here. */
  readonly started: readonly StartedServer[];
  stop(): Promise<void>;
}

export interface StartedServer {
  readonly name: string;
  readonly where: string;
}

/** Which real servers are started where the environment names none. */
export interface WantedEngines {
  readonly kafka: boolean;
  readonly mongo: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Running {
  readonly server: StartedServer;
  readonly places: Partial<Places>;
  stop(): Promise<void>;
}

/**
 * Where everything lies: at the addresses of the environment; for what has none, in the servers that are wanted, which are started here, and
 * in SQLite files that the processes share. What is started here begins with nothing.
 */
export const startEngines = async (folder: string, env: Environment, { kafka, mongo }: WantedEngines): Promise<Engines> => {
  rmSync(folder, { recursive: true, force: true });
  const starting = [...(kafka && !env['TOPICS_URL'] ? [startTopics()] : []), ...(mongo && !(env['VIEWS_URL'] && env['KEYS_URL']) ? [startViewsAndKeys(join(folder, 'passwords'))] : [])];
  const running = await allOrNone(starting);
  const file = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;
  const files = { EVENT_STORE_URL: file('events'), VIEWS_URL: file('views'), TOPICS_URL: file('topics'), KEYS_URL: file('keys') };
  const named = Object.fromEntries(Object.keys(files).flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  return {
    places: Object.assign({}, files, ...running.map(({ places }) => places), named) as Places,
    started: running.map(({ server }) => server),
    stop: async () => void (await Promise.all(running.map((one) => one.stop()))),
  };
};

const allOrNone = async (starting: readonly Promise<Running>[]): Promise<Running[]> => {
  const settled = await Promise.allSettled(starting);
  const running = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (!failed) return running;
  await Promise.all(running.map((one) => one.stop()));
  throw failed.reason;
};

const startTopics = async (): Promise<Running> => {
  const broker = await startKafka();
  return { server: { name: 'kafka', where: broker.url }, places: { TOPICS_URL: broker.url }, stop: () => broker.stop() };
};

/** Each with a database, a user and a password of its own; the passwords lie in files that the addresses name. */
const startViewsAndKeys = async (folder: string): Promise<Running> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwords = { views: password(folder, 'views'), keys: password(folder, 'keys') };
  const user = (db: 'views' | 'keys') => ({ password: passwords[db].value, roles: [{ db: `kendt-${db}`, role: 'readWrite' }] });
  const server = await startMongo({ users: { views: user('views'), keys: user('keys') } });
  const address = (db: 'views' | 'keys'): string => `mongodb://${db}@${server.hosts}/kendt-${db}?authSource=admin&password=${encodeURIComponent(`file:${passwords[db].file}`)}`;
  return { server: { name: 'mongodb', where: server.hosts }, places: { VIEWS_URL: address('views'), KEYS_URL: address('keys') }, stop: () => server.stop() };
};

const password = (folder: string, name: string): { readonly file: string; readonly value: string } => {
  const [file, value] = [resolve(folder, name), randomBytes(24).toString('base64url')];
  writeFileSync(file, `${value}\n`, { mode: 0o600 });
  return { file, value };
};
