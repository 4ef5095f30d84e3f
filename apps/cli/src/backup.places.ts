import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { BackupKind } from '@kendt/sqlite';
import { Failure, type Terminal } from './failure.js';

/** Where the databases of this installation lie, and their folder. */
export interface Places {
  readonly dataDir: string;
  readonly secretsDir: string;
  readonly files: Readonly<Record<BackupKind, string>>;
}

/** @throws Failure when one of them is no SQLite file: that product brings means of its own. */
export const placesOf = async ({ env }: Terminal): Promise<Places> => {
  const { readConfig } = await import('@kendt/nest'); // loaded only when needed: it brings the whole framework with it
  const { dataDir, secretsDir, eventStoreUrl, viewsUrl, topicsUrl, keysUrl } = readConfig(env);
  const files = {
    events: sqliteFile('EVENT_STORE_URL', eventStoreUrl), views: sqliteFile('VIEWS_URL', viewsUrl),
    topics: sqliteFile('TOPICS_URL', topicsUrl), keys: sqliteFile('KEYS_URL', keysUrl),
  };
  return { dataDir, secretsDir, files };
};

const sqliteFile = (setting: string, url: string): string => {
  if (url.startsWith('sqlite:')) return resolve(url.slice('sqlite:'.length));
  throw new Failure(`${setting} does not begin with sqlite: use the means of that product for its backups.`);
};

/** Also when a folder does not exist yet, or is reached through a link. */
export const realPath = (path: string): string => {
  const full = resolve(path);
  return existsSync(full) || dirname(full) === full ? realpathSync(full) : join(realPath(dirname(full)), basename(full));
};

export const isWithin = (path: string, folder: string): boolean => {
  const way = relative(realPath(folder), realPath(path));
  return !way.startsWith('..') && !way.startsWith('/');
};
