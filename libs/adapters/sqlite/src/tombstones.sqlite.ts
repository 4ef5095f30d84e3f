import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { connect } from './connection.js';

/** The key of this customer and data group was destroyed, and may never come back. Ids only. */
export interface Tombstone {
  readonly customer: string;
  readonly group: string;
  /** ISO 8601 UTC. */
  readonly destroyedAt: string;
}

/** Of a key ring, also of one that is in use. */
export const tombstonesOf = (keys: string): Tombstone[] => {
  if (!existsSync(keys)) return [];
  const db = new Database(keys, { readonly: true, timeout: 5000 });
  try {
    return db.prepare('SELECT customer, data_group AS "group", destroyed_at AS destroyedAt FROM keys WHERE destroyed_at IS NOT NULL').all() as Tombstone[];
  } finally {
    db.close();
  }
};

/**
 * Destroys these keys in a key ring that nobody uses: what {@link SqliteKeyRing.destroy} does, without the
 * key-encryption key. Gives how many keys were there and are not any more.
 */
export const bury = (keys: string, tombstones: readonly Tombstone[]): number => {
  const db = connect(keys);
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    const overwrite = db.prepare(`UPDATE wrapped_keys SET wrapped = zeroblob(length(wrapped))
      WHERE number = (SELECT number FROM keys WHERE customer = ? AND data_group = ?)`);
    const mark = db.prepare(`INSERT INTO keys (customer, data_group, destroyed_at) VALUES (?, ?, ?)
      ON CONFLICT (customer, data_group) DO UPDATE SET number = NULL, destroyed_at = coalesce(destroyed_at, excluded.destroyed_at)`);
    const buried = db.transaction(() =>
      tombstones.reduce((sum, { customer, group, destroyedAt }) => {
        const { changes } = overwrite.run(customer, group);
        mark.run(customer, group, destroyedAt);
        return sum + changes;
      }, 0),
    )();
    db.exec('VACUUM'); // what was overwritten stands in no page any more
    return buried;
  } finally {
    db.close();
  }
};

/** What the log holds sealed, by customer and data group, that this key ring neither opens nor knows as destroyed. */
export const unopenable = (events: string, keys: string): Pick<Tombstone, 'customer' | 'group'>[] => {
  const db = new Database(events, { readonly: true });
  try {
    db.prepare('ATTACH ? AS ring').run(keys);
    return db.prepare(`SELECT DISTINCT substr(stream, instr(stream, '-') + 1) AS customer, sealed.key AS "group" FROM events, json_each(events.personal) AS sealed
      WHERE personal IS NOT NULL AND json_extract(sealed.value, '$.sealed') <> ''
        AND NOT EXISTS (SELECT 1 FROM ring.keys AS k WHERE k.customer = substr(stream, instr(stream, '-') + 1) AND k.data_group = sealed.key)`).all() as Pick<Tombstone, 'customer' | 'group'>[];
  } finally {
    db.close();
  }
};
