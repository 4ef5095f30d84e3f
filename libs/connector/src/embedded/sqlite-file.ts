import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export type SqlValue = string | number | bigint | null | Uint8Array;

/** What `node:sqlite` and `better-sqlite3` have in common. */
export interface SqliteStatement {
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

export interface FileKind {
  /** In sentences for operators: `event store`. */
  readonly name: string;
  /** Marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
  readonly applicationId: number;
  readonly version: number;
  /** Of this version. */
  readonly schema: string;
  /** From an older version to the one after it: SQL, for files that are there already. */
  readonly upgrades?: Readonly<Record<number, string>>;
}

export interface OpenSqliteFile<C extends SqliteConnection> {
  readonly file: string;
  readonly kind: FileKind;
  readonly connect: (file: string) => C;
  /** Do not make it: somebody else does. */
  readonly mustExist?: boolean;
}

/** How long a write waits for another program that holds the file. */
export const lockPatienceMs = 5000;

const checkedUpTo = 16 * 1024 * 1024;

/**
 * Opens a file of ours, or makes it: mode 0600 in a folder 0700, write-ahead log, every commit on disk before it is
 * answered, deleted cells overwritten.
 * @throws Error with one sentence that an operator can act on.
 */
export const openSqliteFile = <C extends SqliteConnection>({ file, kind, connect, mustExist = false }: OpenSqliteFile<C>): C => {
  let connection: C | undefined;
  try {
    if (!existsSync(file)) createFile(file, mustExist);
    connection = connect(file);
    connection.exec(`PRAGMA busy_timeout = ${lockPatienceMs}`);
    identify(connection, file, kind);
    for (const part of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(part)) chmodSync(part, 0o600);
    // FULL on every connection: a reopened WAL database falls back to NORMAL.
    connection.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY');
    upgrade(connection, file, kind);
    return connection;
  } catch (error) {
    connection?.close();
    throw asSentence(error, file, kind);
  }
};

class Unusable extends Error {}

const createFile = (file: string, mustExist: boolean): void => {
  if (mustExist) throw new Unusable(`${file} does not exist yet. Start Kendt first, or check the setting that names this file.`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, 'wx', 0o600)); // SQLite gives its -wal and -shm the mode of the file
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was first: as good
  }
};

const identify = (connection: SqliteConnection, file: string, kind: FileKind): void => {
  if (pragma(connection, 'application_id') === 0 && isEmpty(connection)) initialise(connection, kind);
  const [id, version] = [pragma(connection, 'application_id'), pragma(connection, 'user_version')];
  if (id !== kind.applicationId) throw new Unusable(`${file} is not a Kendt ${kind.name}, but another program's or another kind of file. Move it away, or name another file.`);
  if (version > kind.version) throw new Unusable(`${file} was written by a newer version of Kendt. Start that version, or restore an older backup.`);
  // A whole check takes time in proportion to the size; damage in a large file shows when it is read.
  if (statSync(file).size > checkedUpTo) return;
  const { quick_check: verdict } = connection.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (verdict !== 'ok') throw new Error('malformed');
};

/** In one transaction: a crash in the middle leaves the file as it was. */
const upgrade = (connection: SqliteConnection, file: string, kind: FileKind): void => {
  if (pragma(connection, 'user_version') === kind.version) return;
  inTransaction(connection, () => {
    // Asked again under the lock: another process may have been first.
    for (let version = pragma(connection, 'user_version'); version < kind.version; version++) {
      const sql = kind.upgrades?.[version];
      if (sql === undefined) throw new Unusable(`${file} was written by a version of Kendt that is too old for this one. Start a version in between first.`);
      connection.exec(`${sql}; PRAGMA user_version = ${version + 1}`);
    }
  });
};

const initialise = (connection: SqliteConnection, kind: FileKind): void => {
  patiently(() => connection.exec('PRAGMA journal_mode = WAL'));
  inTransaction(connection, () => {
    // Asked again under the lock: another process may have been first.
    if (isEmpty(connection)) connection.exec(`${kind.schema}; PRAGMA application_id = ${kind.applicationId}; PRAGMA user_version = ${kind.version}`);
  });
};

/** All or nothing, under the lock of writers from the start. */
export const inTransaction = (connection: SqliteConnection, work: () => void): void => {
  connection.exec('BEGIN IMMEDIATE');
  try {
    work();
    connection.exec('COMMIT');
  } catch (error) {
    rollBack(connection);
    throw error;
  }
};

const rollBack = (connection: SqliteConnection): void => {
  try {
    connection.exec('ROLLBACK');
  } catch {
    // SQLite has done it already, as it does when the disk is full.
  }
};

/** The switch to WAL does not wait for locks of its own accord (SQLite answers SQLITE_BUSY at once). */
const patiently = (work: () => void): void => {
  for (let tries = 0; ; tries++) {
    try {
      return work();
    } catch (error) {
      if (tries === 200 || !isBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
};

/** By its words, which both drivers share; not by its class: a native driver may throw errors of another realm. */
export const isBusy = (error: unknown): boolean => /database (table )?is locked/.test((error as Partial<Error> | undefined)?.message ?? '');

const isEmpty = (connection: SqliteConnection): boolean => connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;

const pragmas = new WeakMap<SqliteConnection, Map<string, SqliteStatement>>();

/** Prepared once: `data_version` is asked with every key that is looked up, and preparing costs ten times the answer. */
export const pragma = (connection: SqliteConnection, name: string): number => {
  const prepared = pragmas.get(connection) ?? new Map<string, SqliteStatement>();
  pragmas.set(connection, prepared);
  const statement = prepared.get(name) ?? connection.prepare(`PRAGMA ${name}`);
  prepared.set(name, statement);
  return Object.values(statement.get() as Record<string, number>)[0]!;
};

const asSentence = (error: unknown, file: string, kind: FileKind): Error => {
  if (error instanceof Unusable) return new Error(error.message);
  const { message, code } = error as NodeJS.ErrnoException;
  if (/not a database|malformed|disk image/.test(message))
    return new Error(`${file} is damaged, or not a Kendt ${kind.name} at all. Restore it from a backup, or move it away to begin anew.`, { cause: error });
  if (isBusy(error)) return new Error(`${file} is locked by another program. Stop that program, then try again.`, { cause: error });
  return new Error(`${file} cannot be opened as the ${kind.name} (${code ?? message}). Check that the folder and the file can be written.`, { cause: error });
};
