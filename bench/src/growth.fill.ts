import { closeSync, fsyncSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { eventsPerCustomer, insertSql, rowsOf, workOf } from './appends.js';

const together = 5000;
const keptOneOf = 20;

/**
 * Fills the file of a closed event store up to so many events, with the rows that the store would have written, one
 * after the other in the same table and indexes, but in large transactions that wait for no disk: ten million appends
 * would take hours. Gives some of the customers.
 */
export const fill = async (file: string, from: number, to: number, progress: (done: number, of: number) => void): Promise<string[]> => {
  const db = new Database(file);
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA wal_autocheckpoint = 20000');
  const insert = db.prepare(insertSql);
  const customers: string[] = [];
  const write = db.transaction((count: number) => {
    const works = workOf({ callers: count / eventsPerCustomer, appends: count });
    for (const row of rowsOf(works)) insert.run(...row);
    for (let n = 0; n < works.length; n += keptOneOf) customers.push(works[n]![0]!.stream);
  });
  for (let done = from; done < to; done += together) {
    write(Math.min(together, to - done));
    progress(done - from, to - from);
    await new Promise(setImmediate);
  }
  db.close();
  toDisk(file);
  return customers;
};

/** What the filling has left to the system would otherwise be written while something else is measured. */
const toDisk = (file: string): void => {
  const written = openSync(file, 'r+');
  fsyncSync(written);
  closeSync(written);
};
