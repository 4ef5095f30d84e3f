import type { Config, Ports, Secrets } from '@kendt/nest';
import { SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews } from '@kendt/sqlite';

type Setting = 'EVENT_STORE_URL' | 'VIEWS_URL' | 'TOPICS_URL' | 'KEYS_URL';

/** The scheme of each URL picks the adapter. */
export const openPorts = async (config: Config, secrets: Secrets): Promise<Ports> => {
  const files = {
    events: sqliteFile('EVENT_STORE_URL', config.eventStoreUrl),
    views: sqliteFile('VIEWS_URL', config.viewsUrl),
    topics: sqliteFile('TOPICS_URL', config.topicsUrl),
    keys: sqliteFile('KEYS_URL', config.keysUrl),
  };
  return {
    events: await SqliteEventStore.open({ file: files.events }),
    views: await SqliteViews.open({ file: files.views }),
    topics: await SqliteTopics.open({ file: files.topics }),
    keys: await SqliteKeyRing.open({ file: files.keys, keyEncryptionKey: secrets.keyEncryptionKey }),
  };
};

const sqliteFile = (setting: Setting, url: string): string => {
  if (url.startsWith('sqlite:')) return url.slice('sqlite:'.length);
  throw new Error(`${setting} has a scheme that this version does not know: it must be sqlite:FILE.`);
};
