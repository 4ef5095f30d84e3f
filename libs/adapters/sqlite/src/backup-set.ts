import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Tombstone } from '@kendt/eventsourcing';
import { type BackupFacts, factsOf } from './backup-facts.js';
import { backupFormat, backupVersion, type BackupFile, type BackupManifest, manifestFile, sha256Of, tombstonesFile } from './backup-manifest.js';
import { asSentence, BackupError, type BackupKind, copyDatabase, type CopyProgress, syncToDisk } from './backup.sqlite.js';
import { exclusively, isLocked } from './data-folder.js';

export interface BackupPart {
  readonly kind: BackupKind;
  readonly file: string;
}

/**
 * In this order the set is consistent: no checkpoint in the views is ahead of the events or of what the topics hold, and no
 * commit in the topics ahead of the events, because what comes later in the list was copied later. See ADR 0021.
 */
export const dataParts = (files: Readonly<Record<BackupKind, string>>): BackupPart[] => (['views', 'topics', 'events'] as const).map((kind) => ({ kind, file: files[kind] }));

export interface BackupFolder {
  /** Where to write until then. */
  readonly path: string;
  /** Gives it its name: from now on it is a backup. */
  keep(): string;
  /** Nothing is left. */
  drop(): void;
}

export type OpenBackupFolder = (root: string, name: string) => BackupFolder;

export interface TakeBackup {
  /** Copied in this order, see ADR 0021. */
  readonly parts: readonly BackupPart[];
  /** Of the key ring, as it stands when the events are copied; they go with them. */
  readonly tombstones?: () => readonly Tombstone[] | Promise<readonly Tombstone[]>;
  readonly root: string;
  /** `kendt`: the folder is called `kendt-<time>`. */
  readonly prefix: string;
  readonly progress?: (what: string, ...done: Parameters<CopyProgress>) => void;
  readonly clock?: () => Date;
  readonly copy?: typeof copyDatabase;
  readonly openFolder?: OpenBackupFolder;
}

export interface TakenBackup {
  readonly folder: string;
  readonly manifest: BackupManifest;
}

const unfinished = /^\..+\.unfinished$/;

/** Hidden, under a name that no backup has, until it is whole. What others left unfinished is removed: it may hold readable data. */
export const openBackupFolder: OpenBackupFolder = (root, name) => {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const lock = holdRoot(root);
  for (const left of readdirSync(root).filter((each) => unfinished.test(each))) rmSync(join(root, left), { recursive: true, force: true });
  const path = join(root, `.${name}.unfinished`);
  mkdirSync(path, { mode: 0o700 });
  return {
    path,
    keep: () => {
      syncToDisk(path);
      renameSync(path, join(root, name));
      syncToDisk(root);
      lock.close();
      return join(root, name);
    },
    drop: () => {
      rmSync(path, { recursive: true, force: true });
      lock.close();
    },
  };
};

/** One backup at a time in a folder, so that what is unfinished there is nobody's any more. */
const holdRoot = (root: string): { close(): void } => {
  try {
    return exclusively(join(root, '.lock.db'));
  } catch (error) {
    if (isLocked(error)) throw new BackupError(`Another backup is being made in ${root}: wait until it has ended.`, { cause: error });
    throw error;
  }
};

/**
 * Copies databases that are in use into a folder of their own. The folder has its name once everything in it is on disk
 * and was checked; a process that dies before leaves a hidden folder that no command takes for a backup.
 * @throws BackupError with a sentence, and nothing left behind.
 */
export const takeBackup = async ({ parts, tombstones, root, prefix, progress, clock = () => new Date(), copy = copyDatabase, openFolder = openBackupFolder }: TakeBackup): Promise<TakenBackup> => {
  const begunAt = clock().toISOString();
  let folder: BackupFolder | undefined;
  try {
    folder = openFolder(root, `${prefix}-${begunAt.replaceAll(':', '-').replace('.', '-')}`);
    const files: BackupFile[] = [];
    for (const { kind, file } of parts) {
      const to = join(folder.path, `${kind}.db`);
      await copy({ kind, from: file, to, progress: (done, of) => progress?.(kind, done, of) });
      files.push(await described(kind, to, factsOf(kind, to)));
    }
    if (tombstones) files.push(await writeLedger(await tombstones(), folder.path));
    const manifest: BackupManifest = { format: backupFormat, version: backupVersion, begunAt, endedAt: clock().toISOString(), files };
    writeSynced(join(folder.path, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`);
    return { folder: folder.keep(), manifest };
  } catch (error) {
    folder?.drop();
    throw asSentence(error, 'The data', root);
  }
};

const described = async (kind: BackupFile['kind'], path: string, facts: BackupFacts): Promise<BackupFile> => ({
  kind, name: basename(path), size: statSync(path).size, sha256: await sha256Of(path), ...facts,
});

/** After the events: whoever they say is erased is in it. */
const writeLedger = async (tombstones: readonly Tombstone[], folder: string): Promise<BackupFile> => {
  const path = join(folder, tombstonesFile);
  writeSynced(path, tombstones.map((tombstone) => `${JSON.stringify(tombstone)}\n`).join(''));
  return described('tombstones', path, { counts: { tombstones: tombstones.length } });
};

const writeSynced = (path: string, text: string): void => {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  syncToDisk(path);
};
