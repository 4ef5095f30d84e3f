import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { BackupKind } from '@kendt/sqlite';
import { Failure, type Terminal } from './failure.js';

/** Where the databases of this installation lie, and their folder. What does not lie in a file is empty. */
export interface Places {
  readonly dataDir: string;
  readonly secretsDir: string;
  readonly files: Readonly<Record<BackupKind, string>>;
}

const everything: readonly BackupKind[] = ['events', 'views', 'topics', 'keys'];

/** What stands in the place of a file that is needed, and what to do about it. */
const otherwise: Readonly<Record<'events' | 'keys', (setting: string) => string>> = {
  events: (setting) => `${setting} does not begin with sqlite: back up and restore the events by the means of that product.`,
  keys: (setting) => `${setting} names MongoDB: keys are backed up there with mongodump, restored with mongorestore, and then \`kendt keys bury\`. See "MongoDB and Kafka" in docs/operations.md.`,
};

/** @throws Failure when one that is needed is no file; views and topics never are: they can be made again from the events. */
export const placesOf = async ({ env }: Terminal, needed: readonly (keyof typeof otherwise)[]): Promise<Places> => {
  const { readConfig } = await import('@kendt/nest'); // loaded only when needed: it brings the whole framework with it
  const { dataDir, secretsDir, eventStoreUrl, viewsUrl, topicsUrl, keysUrl } = readConfig(env);
  const fileOf = (kind: BackupKind, setting: string, url: string): string => {
    if (url.startsWith('sqlite:')) return resolve(url.slice('sqlite:'.length));
    if (kind === 'topics' || kind === 'views' || !needed.includes(kind)) return '';
    throw new Failure(otherwise[kind](setting));
  };
  const files = {
    events: fileOf('events', 'EVENT_STORE_URL', eventStoreUrl), views: fileOf('views', 'VIEWS_URL', viewsUrl),
    topics: fileOf('topics', 'TOPICS_URL', topicsUrl), keys: fileOf('keys', 'KEYS_URL', keysUrl),
  };
  return { dataDir, secretsDir, files };
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
