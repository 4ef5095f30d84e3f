import { chmodSync, closeSync, existsSync, fsyncSync, openSync, statSync } from 'node:fs';
import { isBusy } from '@kendt/connector/embedded';
import Database from 'better-sqlite3';
import { connect } from './connection.js';

export type BackupKind = 'events' | 'views' | 'topics' | 'keys';

/** Marks of our files, and what they are called in sentences. */
export const databases: Readonly<Record<BackupKind, { readonly applicationId: number; readonly name: string }>> = {
  events: { applicationId: 0x4b_4e_44_01, name: 'event store' },
  views: { applicationId: 0x4b_4e_44_02, name: 'store of views' },
  keys: { applicationId: 0x4b_4e_44_03, name: 'key ring' },
  topics: { applicationId: 0x4b_4e_44_04, name: 'topic log' },
};

/** One sentence for an operator. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

export type CopyProgress = (done: number, of: number) => void;

export interface CopyDatabase {
  readonly kind: BackupKind;
  readonly from: string;
  readonly to: string;
  /** Pages of the file. */
  readonly progress?: CopyProgress;
}

/** A step holds up this process alone, and for some milliseconds: writers of a database in WAL mode never wait for a reader. */
const pagesAtOnce = 512;

/**
 * Copies a database that is written to meanwhile (https://sqlite.org/backup.html), as it stands at one moment. The copy is
 * one file without a write-ahead log, checked, mode 0600, on disk when this resolves.
 *
 * The source is read inside a transaction: without it SQLite begins anew whenever somebody else has written between two
 * steps, and would never get to an end on a busy system. The price is that the source's log cannot be emptied meanwhile.
 * @throws BackupError
 */
export const copyDatabase = async ({ kind, from, to, progress }: CopyDatabase): Promise<void> => {
  if (!existsSync(from)) throw new BackupError(`${from} does not exist: set DATA_DIR to the folder of the ${databases[kind].name}.`);
  try {
    await copyPages(from, to, progress);
    makeOneFile(to);
    checkDatabase(kind, to);
  } catch (error) {
    throw asSentence(error, from, to);
  }
};

const copyPages = async (from: string, to: string, progress: CopyProgress | undefined): Promise<void> => {
  closeSync(openSync(to, 'wx', 0o600));
  const source = new Database(from, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    source.exec('BEGIN');
    source.prepare('SELECT 1 FROM sqlite_schema').get();
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        progress?.(totalPages - remainingPages, totalPages);
        return pagesAtOnce;
      },
    });
  } finally {
    source.close();
  }
};

/** Nothing beside the file belongs to it any more, so that it can be copied on by any means and read from where nobody can write. */
const makeOneFile = (file: string): void => {
  const copy = connect(file);
  try {
    copy.exec('PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE');
  } finally {
    copy.close();
  }
  chmodSync(file, 0o600);
  syncToDisk(file);
};

/** As it was before it was copied: a store opens it in WAL mode only when the file says so. */
export const makeWalAgain = (file: string): void => {
  const copy = connect(file);
  try {
    copy.exec('PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL');
  } finally {
    copy.close();
  }
  chmodSync(file, 0o600);
  syncToDisk(file);
};

/** @throws BackupError when it is another kind of file, or damaged. */
export const checkDatabase = (kind: BackupKind, file: string): void => {
  const { applicationId, name } = databases[kind];
  const copy = new Database(file, { readonly: true });
  try {
    if (copy.pragma('application_id', { simple: true }) !== applicationId) throw new BackupError(`${file} is not a Kendt ${name}.`);
    if (copy.pragma('quick_check(1)', { simple: true }) !== 'ok') throw new BackupError(`${file} is damaged: make another backup, and look after the disk.`);
  } finally {
    copy.close();
  }
};

/** Of a file, or of a folder: then the names in it. */
export const syncToDisk = (path: string): void => {
  const handle = openSync(path, statSync(path).isDirectory() ? 'r' : 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/** SQLite's backup does not tell more of a failed write than that it was one. */
const noRoom = /SQLITE_FULL|SQLITE_IOERR|ENOSPC|EDQUOT|EFBIG/;

export const asSentence = (error: unknown, from: string, to: string): Error => {
  if (error instanceof BackupError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (noRoom.test(code)) return new BackupError(`There is no room for ${to}, or the disk fails (${code}): make room, or name a folder on another disk. Nothing was left behind.`, { cause: error });
  if (isBusy(error)) return new BackupError(`${from} is locked by another program: try again when it has ended.`, { cause: error });
  if (/not a database|malformed|disk image/.test(message)) return new BackupError(`${from} is damaged, or not a Kendt database at all.`, { cause: error });
  return new BackupError(`${from} cannot be copied to ${to} (${code || message}).`, { cause: error });
};
