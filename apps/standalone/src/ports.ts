import { type Config, type Ports, readKeyEncryptionKeys, type Secrets } from '@kendt/nest';
import { SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews } from '@kendt/sqlite';

type Setting = 'EVENT_STORE_URL' | 'VIEWS_URL' | 'TOPICS_URL' | 'KEYS_URL';

/** The scheme of each URL picks the adapter. */
export const openPorts = async (config: Config, secrets: Secrets): Promise<Ports> => {
  const { eventStoreUrl, viewsUrl, topicsUrl, keysUrl, secretsDir } = config;
  return {
    events: await SqliteEventStore.open(sqliteFile('EVENT_STORE_URL', eventStoreUrl)),
    views: await SqliteViews.open(sqliteFile('VIEWS_URL', viewsUrl)),
    topics: await SqliteTopics.open(sqliteFile('TOPICS_URL', topicsUrl)),
    keys: await SqliteKeyRing.open({ file: sqliteFile('KEYS_URL', keysUrl), keyEncryptionKey: secrets.keyEncryptionKey, readKeyEncryptionKeys: () => readKeyEncryptionKeys(secretsDir) }),
  };
};

const sqliteFile = (setting: Setting, url: string): string => {
  if (url.startsWith('sqlite:')) return url.slice('sqlite:'.length);
  throw new Error(`${setting} has a scheme that this version does not know: it must be sqlite:FILE.`);
};
