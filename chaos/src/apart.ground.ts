import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Apart, startApart } from '@kendt/apart';
import { type KafkaCluster, startKafka } from '@kendt/testing/kafka';
import { type MongoDeployment, startMongo } from '@kendt/testing/mongodb';

/** Everything that a scenario stands on: each service twice, the gateway, and the servers. */
export interface Ground {
  readonly apart: Apart;
  readonly kafka: KafkaCluster;
  readonly mongo: MongoDeployment;
  readonly folder: string;
  /** Of the event store, which the processes share. */
  readonly eventsFile: string;
  secret(name: string): string;
  stop(): Promise<void>;
}

let standing: { readonly sabotage: string | undefined; readonly ground: Promise<Ground> } | undefined;

/** Started for the first run that needs it, and used by all; processes that are broken on purpose get one of their own. */
export const groundFor = async (sabotage?: string): Promise<Ground> => {
  if (standing && standing.sabotage !== sabotage) await leaveGround();
  standing ??= { sabotage, ground: startGround(sabotage) };
  return standing.ground;
};

/** What the last run stood on. */
export const sameGround = async (): Promise<Ground> => {
  if (!standing) throw new Error('Nothing was started');
  return standing.ground;
};

export const leaveGround = async (): Promise<void> => {
  const left = standing;
  standing = undefined;
  await (await left?.ground.catch(() => undefined))?.stop();
};

const user = (db: string): { readonly password: string; readonly roles: readonly { readonly db: string; readonly role: string }[] } =>
  ({ password: randomBytes(24).toString('base64url'), roles: [{ db: `kendt-${db}`, role: 'readWrite' }] });

const startGround = async (sabotage: string | undefined): Promise<Ground> => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-chaos-apart-'));
  const running: { stop(): Promise<unknown> }[] = [{ stop: async () => rmSync(folder, { recursive: true, force: true }) }];
  const stop = async (): Promise<void> => {
    for (const each of running.splice(0).reverse()) await each.stop();
  };
  try {
    const users = { views: user('views'), keys: user('keys') };
    const keep = async <T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
      const started = await starting;
      running.push(started);
      return started;
    };
    const [kafka, mongo] = await Promise.all([keep(startKafka({ settings: { 'group.min.session.timeout.ms': '500' } })), keep(startMongo({ servers: 3, users }))]);
    const address = (db: 'views' | 'keys'): string => addressIn(join(folder, 'passwords'), mongo, db, users[db].password);
    const apart = await startApart({
      folder: join(folder, 'apart'),
      env: { TOPICS_URL: kafka.url, VIEWS_URL: address('views'), KEYS_URL: address('keys'), ...unhurried },
      processEnv: sabotage === undefined ? {} : { NODE_OPTIONS: `--import=file://${join(import.meta.dirname, 'apart.saboteur.js')}`, KENDT_CHAOS_SABOTAGE: sabotage },
    });
    running.push(apart);
    return {
      apart, kafka, mongo, folder, stop,
      eventsFile: apart.places.EVENT_STORE_URL.slice('sqlite:'.length),
      secret: (name) => readFileSync(join(apart.secretsDir, name), 'utf8').trim(),
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** One address asks for everything here. */
const unhurried = { RATE_LOGIN_PER_MINUTE: '1000000', RATE_REGISTER_PER_MINUTE: '1000000', RATE_IDENTIFIER_PER_MINUTE: '1000000' };

const addressIn = (folder: string, { hosts, replicaSet }: MongoDeployment, db: string, password: string): string => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, db);
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return `mongodb://${db}@${hosts}/kendt-${db}?authSource=admin&replicaSet=${replicaSet}&password=${encodeURIComponent(`file:${file}`)}`;
};
