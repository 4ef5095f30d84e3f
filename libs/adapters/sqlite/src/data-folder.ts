import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Left in the folder while the process runs: for a second start, and for programs on the same machine. */
export interface RunningNote {
  readonly url: string;
  readonly grpcUrl: string;
  readonly operatorsUrl: string;
  /** A URL. */
  readonly topics: string;
  readonly secretsDir: string;
  readonly pid: number;
}

export interface DataFolder {
  /** A name that only one living process can have: whoever holds this folder of this machine. Tells nothing of the path. */
  readonly holder: string;
  announce(note: Omit<RunningNote, 'pid'>): void;
  release(): void;
}

/** Lies in the folder while a restore is under way that must be finished before anything else. */
export const restoreNote = 'restoring.json';

/**
 * Makes the folder and holds it: one process at a time, the standalone or a restore. The lock is SQLite's own, so it is
 * gone with the process however that ends.
 * @throws Error with one sentence when the folder cannot be written, is held, or a restore of it was cut short.
 */
export const holdDataFolder = (folder: string, { unfinished = 'refuse' }: { readonly unfinished?: 'refuse' | 'allow' } = {}): DataFolder => {
  const note = join(folder, 'running.json');
  if (unfinished === 'refuse' && existsSync(join(folder, restoreNote))) throw new Error(halfRestored(folder));
  try {
    makeFolder(resolve(folder));
    const lock = exclusively(join(folder, 'lock.db'));
    return {
      holder: `${hostname()}/${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 12)}`,
      announce: (where) => writeFileSync(note, JSON.stringify({ ...where, pid: process.pid }), { mode: 0o600 }),
      release: () => {
        rmSync(note, { force: true });
        lock.close();
      },
    };
  } catch (error) {
    throw new Error(isLocked(error) ? alreadyRunning(folder, note) : cannotWrite(folder, error), { cause: error });
  }
};

/** Step by step: Node's own recursion never ends where a parent cannot be made, as below /proc. */
const makeFolder = (folder: string): void => {
  if (!existsSync(folder)) {
    makeFolder(dirname(folder));
    mkdirSync(folder, { mode: 0o700 });
  }
  if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
};

/** Held until it is closed, or the process ends however. */
export const exclusively = (file: string): DatabaseSync => {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
    chmodSync(file, 0o600);
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
};

export const isLocked = (error: unknown): boolean => (error as { errcode?: number }).errcode === 5; // SQLITE_BUSY

const alreadyRunning = (folder: string, note: string): string => {
  const where = running(note);
  return `Kendt is running already on ${folder}${where ? ` (${where.url}, process ${where.pid})` : ''}: stop it first, or set DATA_DIR to another folder.`;
};

const halfRestored = (folder: string): string => `A restore of ${folder} was cut short: run \`kendt restore\` once more, and it is finished.`;

const running = (note: string): RunningNote | undefined => {
  try {
    return JSON.parse(readFileSync(note, 'utf8')) as RunningNote;
  } catch {
    return undefined;
  }
};

const cannotWrite = (folder: string, error: unknown): string =>
  `The data folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}): make it writable, or set DATA_DIR to another folder.`;
