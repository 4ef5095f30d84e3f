import { type FileKind, openSqliteFile } from '@kendt/connector/embedded';
import type { Compared } from '@kendt/eventsourcing';
import type Database from 'better-sqlite3';
import { connect } from './connection.js';

const keyEncryptionKeys = 'CREATE TABLE key_encryption_keys (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, since TEXT)';
const keysUnder = 'CREATE INDEX keys_under ON keys (under) WHERE number IS NOT NULL';

const compared = 'CREATE TABLE compared (only INTEGER PRIMARY KEY CHECK (only = 1), stream TEXT NOT NULL, id TEXT NOT NULL, position TEXT NOT NULL)';

const kind: FileKind = {
  name: 'key ring',
  applicationId: 0x4b_4e_44_03,
  version: 3,
  // Wrapped keys lie in rows that never move, and are overwritten in place (see Shredder for why that matters). So what
  // they lie under stands beside their name: a row that grew would leave its old bytes behind.
  schema: `
    CREATE TABLE wrapped_keys (number INTEGER PRIMARY KEY, wrapped BLOB NOT NULL);
    CREATE TABLE keys (
      customer TEXT NOT NULL, data_group TEXT NOT NULL, number INTEGER REFERENCES wrapped_keys, destroyed_at TEXT, under INTEGER NOT NULL DEFAULT 1,
      PRIMARY KEY (customer, data_group)
    ) WITHOUT ROWID;
    ${keyEncryptionKeys};
    ${keysUnder};
    ${compared}`,
  upgrades: {
    1: `
      ${keyEncryptionKeys};
      INSERT INTO key_encryption_keys (number, id) SELECT 1, lower(hex(substr(value, 1, 8))) FROM check_value;
      DROP TABLE check_value;
      ALTER TABLE keys ADD COLUMN under INTEGER NOT NULL DEFAULT 1;
      ${keysUnder}`,
    2: compared,
  },
};

/** With a write-ahead log, which a file from a backup may not have: LogSync needs it. */
export const openKeyFile = (file: string): Database.Database => {
  const db = openSqliteFile({ file, kind, connect });
  db.pragma('journal_mode = WAL');
  return db;
};

export interface Row {
  /** `null`: destroyed. */
  readonly number: number | null;
  readonly wrapped: Uint8Array | null;
  readonly under: number;
}

export interface NamedRow extends Row {
  readonly number: number;
  readonly wrapped: Uint8Array;
  readonly customer: string;
  readonly data_group: string;
}

/** A key-encryption key by its name. The one with the highest number is in use. */
export interface KeyEncryptionKeyRow {
  readonly number: number;
  readonly id: string;
  /** When a rotation brought it; `null` for the first one. */
  readonly since: string | null;
}

export const prepare = (db: Database.Database) => ({
  find: db.prepare<[string, string], Row>('SELECT number, wrapped, under FROM keys LEFT JOIN wrapped_keys USING (number) WHERE customer = ? AND data_group = ?'),
  add: db.prepare<[Uint8Array]>('INSERT INTO wrapped_keys (wrapped) VALUES (?)'),
  lastKey: db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM wrapped_keys').pluck(),
  name: db.prepare('INSERT INTO keys (customer, data_group, number, under) VALUES (?, ?, ?, ?)'),
  overwrite: db.prepare<[Uint8Array, number]>('UPDATE wrapped_keys SET wrapped = ? WHERE number = ?'),
  bury: db.prepare(`INSERT INTO keys (customer, data_group, destroyed_at) VALUES (?, ?, ?)
    ON CONFLICT (customer, data_group) DO UPDATE SET number = NULL, destroyed_at = coalesce(destroyed_at, excluded.destroyed_at)`),
  tombstones: db.prepare<[string, string], { customer: string; data_group: string; destroyed_at: string }>(`SELECT customer, data_group, destroyed_at FROM keys
    WHERE destroyed_at IS NOT NULL AND (customer, data_group) > (?, ?) ORDER BY customer, data_group LIMIT 500`),
  compared: db.prepare<[], Compared>('SELECT stream, id, position FROM compared'),
  noteCompared: db.prepare('INSERT OR REPLACE INTO compared (only, stream, id, position) VALUES (1, ?, ?, ?)'),
  first: db.prepare('INSERT INTO key_encryption_keys (number, id) SELECT 1, ? WHERE NOT EXISTS (SELECT 1 FROM key_encryption_keys)'),
  next: db.prepare('INSERT INTO key_encryption_keys (id, since) VALUES (?, ?)'),
  current: db.prepare<[], KeyEncryptionKeyRow>('SELECT number, id, since FROM key_encryption_keys ORDER BY number DESC LIMIT 1'),
  idOf: db.prepare<[number], { id: string }>('SELECT id FROM key_encryption_keys WHERE number = ?'),
  numberOf: db.prepare<[string], { number: number }>('SELECT number FROM key_encryption_keys WHERE id = ?'),
  version: db.prepare<[], number>('PRAGMA data_version').pluck(),
  usedAfter: db.prepare<[number], { under: number | null }>('SELECT min(under) AS under FROM keys WHERE number IS NOT NULL AND under > ?'),
  countBelow: db.prepare<[number], { count: number }>('SELECT count(*) AS count FROM keys WHERE number IS NOT NULL AND under < ?'),
  someBelow: db.prepare<[number], NamedRow>(`SELECT customer, data_group, number, wrapped, under FROM keys JOIN wrapped_keys USING (number)
    WHERE number IS NOT NULL AND under < ? LIMIT 500`),
  exchange: db.prepare<[Uint8Array, number, Uint8Array]>('UPDATE wrapped_keys SET wrapped = ? WHERE number = ? AND wrapped = ?'),
  nowUnder: db.prepare('UPDATE keys SET under = ? WHERE customer = ? AND data_group = ?'),
});

export type Statements = ReturnType<typeof prepare>;

/** Overwrites the key, if there is one, and leaves the tombstone. Within a transaction. Gives whether a key was there. */
export const destroyKey = ({ find, overwrite, bury }: Statements, customerId: string, group: string, at: string): boolean => {
  const row = find.get(customerId, group);
  const isThere = Boolean(row?.number && row.wrapped);
  if (row?.number && row.wrapped) overwrite.run(Buffer.alloc(row.wrapped.length), row.number);
  bury.run(customerId, group, at);
  return isThere;
};

/** The key-encryption keys that some key lies under, and the one in use. */
export const needed = ({ usedAfter, current }: Statements): readonly number[] => {
  const numbers = new Set([current.get()!.number]);
  for (let under = usedAfter.get(-1)?.under; typeof under === 'number'; under = usedAfter.get(under)?.under) numbers.add(under);
  return [...numbers];
};
