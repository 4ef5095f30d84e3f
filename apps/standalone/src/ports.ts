import { KurrentEventStore } from '@kendt/kurrentdb';
import { type Config, openByScheme, type OpenUrl, type Ports, readKeyEncryptionKeys, resolveReference, type Secrets } from '@kendt/nest';
import { SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews } from '@kendt/sqlite';

type Environment = Readonly<Record<string, string | undefined>>;

/** The scheme of each URL picks the adapter. */
export const openPorts = async (config: Config, secrets: Secrets, env: Environment): Promise<Ports> => {
  const { viewsUrl, topicsUrl, keysUrl, secretsDir } = config;
  const keyRing = { keyEncryptionKey: secrets.keyEncryptionKey, readKeyEncryptionKeys: () => readKeyEncryptionKeys(secretsDir) };
  return {
    events: await openEvents(config, env),
    views: await openByScheme('VIEWS_URL', viewsUrl, { sqlite: (_, file) => SqliteViews.open(file) }),
    topics: await openTopics(topicsUrl, env),
    keys: await openByScheme('KEYS_URL', keysUrl, { sqlite: (_, file) => SqliteKeyRing.open({ file, ...keyRing }) }),
  };
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
