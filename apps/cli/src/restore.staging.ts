import { chmodSync, constants, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Tombstone } from '@kendt/eventsourcing';
import { readSecretFile } from '@kendt/nest';
import {
  asSentence, type BackupKind, bury, forgetInTopics, makeWalAgain, SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews, syncToDisk, tombstonesOf, unopenable,
} from '@kendt/sqlite';
import type { Places } from './backup.places.js';
import { Failure } from './failure.js';
import { eraseThemAgain, merged, tombstonesInLog } from './restore.erasures.js';
import { removeDatabase } from './restore.moves.js';

/** What the databases will be, beside those that are there: nothing has been touched yet. */
export interface Staged {
  readonly files: Partial<Record<BackupKind, string>>;
  readonly tombstones: readonly Tombstone[];
  /** Customers who were erased after the backup. */
  readonly erasedAgain: ReadonlySet<string>;
  /** Sentences about what could not be looked at. */
  readonly warnings: readonly string[];
}

export interface StageOptions {
  readonly places: Places;
  /** The file of each kind that is restored, in its backup. */
  readonly sources: Partial<Record<BackupKind, string>>;
  /** What backups, and a key ring that lies elsewhere, know of destroyed keys. */
  readonly known: readonly Tombstone[];
  readonly acceptLostKeys: boolean;
  readonly at: string;
}

export const stagedName = (target: string): string => `${target}.restoring`;

/** Copies everything into place but for the names, and makes it what it has to be before Kendt may start on it. */
export const stage = async ({ places, sources, known, acceptLostKeys, at }: StageOptions): Promise<Staged> => {
  const files = copyAll(places, sources);
  const warnings: string[] = [];
  const tombstones = await everyTombstone(places, files, known, warnings);
  if (files.keys) bury(files.keys, tombstones);
  if (files.keys) await mustFitSecrets(files.keys, places);
  const events = files.events ?? places.files.events;
  const lost = existsSync(events) && places.files.keys !== '' ? lostKeys(events, files.keys ?? places.files.keys, acceptLostKeys, warnings) : [];
  const erasedAgain = files.events ? await eraseThemAgain(files.events, tombstones, at) : new Set<string>();
  const buried = [...tombstones, ...lost.map((key) => ({ ...key, destroyedAt: at }))];
  if (files.keys) bury(files.keys, buried);
  if (files.topics) forgetInTopics(files.topics, erasedAgain);
  // Views can be built from the log, and then hold nothing of who was erased. To look for it in each of them would be a guess.
  if (files.views && erasedAgain.size > 0) removeDatabase(files.views);
  const { views: _, ...withoutViews } = files;
  const kept = erasedAgain.size > 0 ? withoutViews : files;
  await finish(kept);
  return { files: kept, tombstones: buried, erasedAgain, warnings };
};

const copyAll = ({ files }: Places, sources: StageOptions['sources']): Partial<Record<BackupKind, string>> =>
  Object.fromEntries(
    Object.entries(sources).map(([kind, source]) => {
      const staged = stagedName(files[kind as BackupKind]);
      removeDatabase(staged);
      try {
        mkdirSync(dirname(staged), { recursive: true, mode: 0o700 });
        copyFileSync(source, staged, constants.COPYFILE_FICLONE);
      } catch (error) {
        throw asSentence(error, source, staged);
      }
      chmodSync(staged, 0o600);
      makeWalAgain(staged);
      return [kind, staged];
    }),
  );

/** Wherever somebody has noted that a key was destroyed: here, in the log, in backups. */
const everyTombstone = async ({ files }: Places, staged: Staged['files'], known: readonly Tombstone[], warnings: string[]): Promise<Tombstone[]> => {
  const found = [...known];
  if (staged.keys) found.push(...tombstonesOf(staged.keys));
  if (staged.events) found.push(...(await tombstonesInLog(staged.events)));
  const look = async (file: string, read: (file: string) => Tombstone[] | Promise<Tombstone[]>): Promise<void> => {
    try {
      if (existsSync(file)) found.push(...(await read(file)));
    } catch {
      warnings.push(`${file} cannot be read: erasures that only it knows of are not done again.`);
    }
  };
  await look(files.keys, tombstonesOf);
  await look(files.events, tombstonesInLog);
  return merged(found);
};

/** Found now rather than at the next start, when the old files are away. */
const mustFitSecrets = async (keys: string, { secretsDir }: Places): Promise<void> => {
  const secret = readSecretFile(join(secretsDir, 'key-encryption-key'));
  if (secret === undefined) return;
  const ring = await SqliteKeyRing.open({ file: keys, keyEncryptionKey: Buffer.from(secret, 'base64url') }).catch((cause: Error) => {
    throw new Failure(`The backup of the keys does not fit ${join(secretsDir, 'key-encryption-key')}: ${cause.message}`, { cause });
  });
  await ring.close();
};

/** Given up, they count as destroyed: what is never read again must not look like tampering. They are not erased elsewhere for it. */
const lostKeys = (events: string, keys: string, accept: boolean, warnings: string[]): ReturnType<typeof unopenable> => {
  const lost = unopenable(events, keys);
  if (lost.length === 0) return lost;
  const customers = new Set(lost.map(({ customerId }) => customerId)).size;
  const sentence = `${customers} customers have data in the log that no key opens, and were never erased: the key ring is older than the events.`;
  if (!accept) throw new Failure(`${sentence} Take a later backup of the keys, or earlier events; --accept-lost-keys gives these customers up.`);
  warnings.push(sentence);
  return lost;
};

/** The stores open, so the versions fit; and everything is on disk. */
const finish = async ({ events, views, topics, keys }: Staged['files']): Promise<void> => {
  if (events) await (await SqliteEventStore.open(events)).close();
  if (views) await (await SqliteViews.open(views)).close();
  if (topics) await (await SqliteTopics.open(topics)).close();
  if (keys) makeWalAgain(keys); // opened and closed once more, so that nothing is left beside it
  for (const file of [events, views, topics, keys]) if (file) syncToDisk(file);
};
