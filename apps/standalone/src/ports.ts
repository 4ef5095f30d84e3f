import { cachedKeys, type CachedKeyRing, sealingViews } from '@kendt/eventsourcing';
import { KurrentEventStore } from '@kendt/kurrentdb';
import { type Config, openByScheme, type OpenUrl, type Ports, readKeyEncryptionKeys, resolveReference, type Secrets } from '@kendt/nest';
import { type OpenKeyRing, SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews } from '@kendt/sqlite';

type Environment = Readonly<Record<string, string | undefined>>;

/** The scheme of each URL picks the adapter. */
export const openPorts = async (config: Config, secrets: Secrets, env: Environment): Promise<Ports> => {
  const { viewsUrl, topicsUrl, keysUrl, secretsDir } = config;
  const keyRing = { keyEncryptionKey: secrets.keyEncryptionKey, readKeyEncryptionKeys: () => readKeyEncryptionKeys(secretsDir) };
  const keys = await openKeys(keysUrl, keyRing, env);
  return { events: await openEvents(config, env), views: await openViews(viewsUrl, keys, env), topics: await openTopics(topicsUrl, env), keys };
};

const openKeys = async (keysUrl: string, keyRing: Pick<OpenKeyRing, 'keyEncryptionKey' | 'readKeyEncryptionKeys'>, env: Environment): Promise<CachedKeyRing> => {
  const mongodb: OpenUrl<Ports['keys']> = async (url) => (await import('@kendt/mongodb')).MongoKeyRing.open({ url, ...keyRing, resolve: (reference) => resolveReference(reference, env) });
  return cachedKeys(await openByScheme('KEYS_URL', keysUrl, { sqlite: (_, file) => SqliteKeyRing.open({ file, ...keyRing }), mongodb, 'mongodb+srv': mongodb }));
};

const openViews = (viewsUrl: string, keys: CachedKeyRing, env: Environment): Promise<Ports['views']> => {
  const mongodb: OpenUrl<Ports['views']> = async (url) => {
    const { MongoViews } = await import('@kendt/mongodb');
    return sealingViews(await MongoViews.open({ url, resolve: (reference) => resolveReference(reference, env) }), keys);
  };
  return openByScheme('VIEWS_URL', viewsUrl, { sqlite: (_, file) => SqliteViews.open(file), mongodb, 'mongodb+srv': mongodb });
};

const openTopics = (topicsUrl: string, env: Environment): Promise<Ports['topics']> => {
  const kafka: OpenUrl<Ports['topics']> = async (url) => {
    const { KafkaTopics } = await import('@kendt/kafka'); // loaded only when asked for: it brings a client with it
    return KafkaTopics.open({ url, setting: 'TOPICS_URL', resolve: (reference) => resolveReference(reference, env) });
  };
  return openByScheme('TOPICS_URL', topicsUrl, { sqlite: (_, file) => SqliteTopics.open(file), kafka, kafkas: kafka });
};

const openEvents = ({ eventStoreUrl, eventStorePassword }: Config, env: Environment): Promise<Ports['events']> => {
  const kurrentdb: OpenUrl<Ports['events']> = (url) =>
    KurrentEventStore.open({ url, ...(eventStorePassword && { password: resolveReference(eventStorePassword, env) }) });
  return openByScheme('EVENT_STORE_URL', eventStoreUrl, { sqlite: (_, file) => SqliteEventStore.open(file), kurrentdb, 'kurrentdb+discover': kurrentdb });
};
