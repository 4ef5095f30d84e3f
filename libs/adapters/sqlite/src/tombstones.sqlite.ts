import { existsSync } from 'node:fs';
import type { Tombstone } from '@kendt/eventsourcing';
import Database from 'better-sqlite3';
import { destroyKey, openKeyFile, prepare } from './key-ring.file.js';

/** Of a key ring, also of one that is in use. */
export const tombstonesOf = (keys: string): Tombstone[] => {
  if (!existsSync(keys)) return [];
  const db = new Database(keys, { readonly: true, timeout: 5000 });
  try {
    return db.prepare('SELECT customer AS customerId, data_group AS "group", destroyed_at AS destroyedAt FROM keys WHERE destroyed_at IS NOT NULL').all() as Tombstone[];
  } finally {
    db.close();
  }
};

/**
 * Destroys these keys in a key ring that nobody uses, without the key-encryption key. Gives how many keys were there and are not any more.
 */
export const bury = (keys: string, tombstones: readonly Tombstone[]): number => {
  const db = openKeyFile(keys);
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    const statements = prepare(db);
    const buried = db.transaction(() => tombstones.filter(({ customerId, group, destroyedAt }) => destroyKey(statements, customerId, group, destroyedAt)).length)();
    db.exec('VACUUM'); // what was overwritten stands in no page any more
    return buried;
  } finally {
    db.close();
  }
};

/** What the log holds sealed, by customer and data group, that this key ring neither opens nor knows as destroyed. */
export const unopenable = (events: string, keys: string): Pick<Tombstone, 'customerId' | 'group'>[] => {
  const db = new Database(events, { readonly: true });
  try {
    db.prepare('ATTACH ? AS ring').run(keys);
    return db.prepare(`SELECT DISTINCT substr(stream, instr(stream, '-') + 1) AS customerId, sealed.key AS "group" FROM events, json_each(events.personal) AS sealed
      WHERE personal IS NOT NULL AND json_extract(sealed.value, '$.sealed') <> ''
        AND NOT EXISTS (SELECT 1 FROM ring.keys AS k WHERE k.customer = substr(stream, instr(stream, '-') + 1) AND k.data_group = sealed.key)`).all() as Pick<Tombstone, 'customerId' | 'group'>[];
  } finally {
    db.close();
  }
};
