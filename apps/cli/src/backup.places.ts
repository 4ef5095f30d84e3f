import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { BackupKind } from '@kendt/sqlite';
import { Failure, type Terminal } from './failure.js';

/** Where the databases of this installation lie, and their folder. `topics` is empty where they lie in Kafka. */
export interface Places {
  readonly dataDir: string;
  readonly secretsDir: string;
  readonly files: Readonly<Record<BackupKind, string>>;
}

const everything: readonly BackupKind[] = ['events', 'views', 'topics', 'keys'];

/**
 * Topics in Kafka are left out: what Kendt publishes can be published again from the events.
 * @throws Failure when another one that is needed is no SQLite file: that product brings means of its own.
 */
export const placesOf = async ({ env }: Terminal, needed: readonly BackupKind[] = everything): Promise<Places> => {
  const { readConfig } = await import('@kendt/nest'); // loaded only when needed: it brings the whole framework with it
  const { dataDir, secretsDir, eventStoreUrl, viewsUrl, topicsUrl, keysUrl } = readConfig(env);
  const fileOf = (kind: BackupKind, setting: string, url: string): string => sqliteFile(setting, url, kind !== 'topics' && needed.includes(kind));
  const files = {
    events: fileOf('events', 'EVENT_STORE_URL', eventStoreUrl), views: fileOf('views', 'VIEWS_URL', viewsUrl),
    topics: fileOf('topics', 'TOPICS_URL', topicsUrl), keys: fileOf('keys', 'KEYS_URL', keysUrl),
  };
  return { dataDir, secretsDir, files };
};

const sqliteFile = (setting: string, url: string, isNeeded: boolean): string => {
  if (url.startsWith('sqlite:')) return resolve(url.slice('sqlite:'.length));
  if (!isNeeded) return '';
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

/** Of these kinds, those that are files here. */
export const kindsOf = ({ files }: Places, kinds: readonly BackupKind[] = everything): BackupKind[] => kinds.filter((kind) => files[kind] !== '');
