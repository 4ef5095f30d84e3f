import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A file that only its owner reads, and in which what is deleted is overwritten. */
export const openDatabase = (file: string, schema: string): DatabaseSync => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY');
  db.exec(schema);
  scrub(db); // the process may have been stopped between a deletion and its scrubbing
  return db;
};

/** Deleted text may linger in gaps that SQLite leaves when it moves rows, and in the write-ahead log: rewrite one, empty the other. */
export const scrub = (db: DatabaseSync): void => {
  db.exec('VACUUM');
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
};
