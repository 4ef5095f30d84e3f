import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy, lockPatienceMs, type SqliteConnection } from './sqlite-file.js';

const atOnceMs = 50;
const pauseMs = 20;

/**
 * Writes as soon as no other program holds the file. SQLite's own patience would hold up the whole process: so only a short part of it
 * is used at a time, and timers, requests and answers come in between. `work` begins with what takes the lock, and may be called again until then.
 * The first try is made before this returns. @throws what SQLite says of a lock when it is not free in time
 */
export const whenFree = async <T>(connection: Pick<SqliteConnection, 'exec'>, work: () => T, patienceMs = lockPatienceMs): Promise<T> => {
  for (const deadline = Date.now() + patienceMs; ; await sleep(pauseMs))
    try {
      return shortly(connection, work);
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
    }
};

const shortly = <T>(connection: Pick<SqliteConnection, 'exec'>, work: () => T): T => {
  connection.exec(`PRAGMA busy_timeout = ${atOnceMs}`);
  try {
    return work();
  } finally {
    connection.exec(`PRAGMA busy_timeout = ${lockPatienceMs}`);
  }
};
