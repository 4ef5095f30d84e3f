import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type FileKind, openSqliteFile, pragma, WalCleaner } from '@kendt/connector/embedded';
import type { DataKey, KeyRing } from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';
import type Database from 'better-sqlite3';
import { connect } from './connection.js';
import { KeyCache } from './key-cache.js';
import { WriteQueue } from './write-queue.js';

const kind: FileKind = {
  name: 'key ring',
  applicationId: 0x4b_4e_44_03,
  version: 1,
  // Wrapped keys lie in rows that never move, and are overwritten in place (see Shredder for why that matters).
  schema: `
    CREATE TABLE wrapped_keys (number INTEGER PRIMARY KEY, wrapped BLOB NOT NULL);
    CREATE TABLE keys (
      customer TEXT NOT NULL, data_group TEXT NOT NULL, number INTEGER REFERENCES wrapped_keys, destroyed_at TEXT,
      PRIMARY KEY (customer, data_group)
    ) WITHOUT ROWID;
    CREATE TABLE check_value (only INTEGER PRIMARY KEY CHECK (only = 1), value BLOB NOT NULL)`,
};

const wrappedBytes = 12 + 32 + 16;

interface Row {
  readonly wrapped: Uint8Array | null;
  readonly number: number | null;
}

export interface OpenKeyRing {
  readonly file: string;
  /** 32 bytes, kept in a file elsewhere. */
  readonly keyEncryptionKey: Uint8Array;
}

/** The key ring in a file of its own: apart from the events, so that a backup of one is not a backup of both. */
export class SqliteKeyRing implements KeyRing {
  private readonly queue: WriteQueue;
  private readonly cleaner: WalCleaner;
  private readonly cache: KeyCache;
  private readonly statements: ReturnType<typeof prepare>;

  private constructor(
    private readonly db: Database.Database,
    private readonly keyEncryptionKey: Uint8Array,
  ) {
    this.queue = new WriteQueue(db);
    this.cleaner = new WalCleaner(db);
    this.cache = new KeyCache(() => pragma(db, 'data_version'));
    this.statements = prepare(db);
  }

  /** @throws Error with one sentence for the operator: file not ours, damaged, newer, not writable, or another key-encryption key. */
  static async open({ file, keyEncryptionKey }: OpenKeyRing): Promise<SqliteKeyRing> {
    if (keyEncryptionKey.length !== 32) throw new Error('The key-encryption key must have 32 bytes');
    const db = openSqliteFile({ file, kind, connect });
    try {
      mustFit(db, file, keyEncryptionKey);
      return new SqliteKeyRing(db, keyEncryptionKey.slice());
    } catch (error) {
      db.close();
      throw error;
    }
  }

  async obtain(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    const found = this.look(customerId, group);
    if (found !== 'missing') return found;
    return this.queue.run(() => {
      const meanwhile = this.look(customerId, group); // another caller or process may have been first
      return meanwhile === 'missing' ? this.make(customerId, group) : meanwhile;
    });
  }

  async find(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    const found = this.look(customerId, group);
    return found === 'missing' ? undefined : found;
  }

  /** Resolves once the key lies in no file any more. */
  async destroy(customerId: string, group: DataGroup): Promise<void> {
    await this.queue.run(() => {
      const row = this.statements.find.get(customerId, group) as Row | undefined;
      if (typeof row?.number === 'number') this.statements.overwrite.run(Buffer.alloc(wrappedBytes), row.number);
      this.statements.bury.run(customerId, group, new Date().toISOString());
      this.cache.clear();
    });
    await this.cleaner.now();
  }

  async close(): Promise<void> {
    if (!this.db.open) return;
    this.queue.flush();
    this.cleaner.stop();
    this.cache.clear();
    this.db.close();
    this.keyEncryptionKey.fill(0);
  }

  private look(customerId: string, group: DataGroup): DataKey | undefined | 'missing' {
    const place = placeOf(customerId, group);
    const cached = this.cache.get(place);
    if (cached) return cached;
    const row = this.statements.find.get(customerId, group) as Row | undefined;
    if (!row) return 'missing';
    if (row.wrapped === null) return undefined;
    const key = unwrap(row.wrapped, this.keyEncryptionKey, place);
    if (!this.db.inTransaction) this.cache.put(place, key); // what is not committed yet may never be
    return key;
  }

  private make(customerId: string, group: DataGroup): DataKey {
    const key = new Uint8Array(randomBytes(32));
    const { lastInsertRowid } = this.statements.add.run(wrap(key, this.keyEncryptionKey, placeOf(customerId, group)));
    this.statements.name.run(customerId, group, lastInsertRowid);
    return key;
  }
}

const prepare = (db: Database.Database) => ({
  find: db.prepare('SELECT wrapped, number FROM keys LEFT JOIN wrapped_keys USING (number) WHERE customer = ? AND data_group = ?'),
  add: db.prepare('INSERT INTO wrapped_keys (wrapped) VALUES (?)'),
  name: db.prepare('INSERT INTO keys (customer, data_group, number) VALUES (?, ?, ?)'),
  overwrite: db.prepare('UPDATE wrapped_keys SET wrapped = ? WHERE number = ?'),
  bury: db.prepare(`INSERT INTO keys (customer, data_group, destroyed_at) VALUES (?, ?, ?)
    ON CONFLICT (customer, data_group) DO UPDATE SET number = NULL, destroyed_at = coalesce(destroyed_at, excluded.destroyed_at)`),
});

/** Without it a wrong key would show only when the first customer is read. */
const mustFit = (db: Database.Database, file: string, keyEncryptionKey: Uint8Array): void => {
  const value = createHmac('sha256', keyEncryptionKey).update('kendt key check value').digest().subarray(0, 16);
  db.prepare('INSERT OR IGNORE INTO check_value (only, value) VALUES (1, ?)').run(value);
  const { value: kept } = db.prepare('SELECT value FROM check_value').get() as { value: Buffer };
  if (!timingSafeEqual(kept, value)) throw new Error(`${file} was made with another key-encryption key. Put that key back; without it no customer can be read.`);
};

// The group comes last and never holds a bar: two customers and groups never give the same place.
const placeOf = (customerId: string, group: DataGroup): string => `${customerId}|${group}`;

const wrap = (key: Uint8Array, under: Uint8Array, place: string): Buffer => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', under, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
};

const unwrap = (wrapped: Uint8Array, under: Uint8Array, place: string): DataKey => {
  const decipher = createDecipheriv('aes-256-gcm', under, wrapped.subarray(0, 12), { authTagLength: 16 }).setAAD(Buffer.from(place)).setAuthTag(wrapped.subarray(44));
  return new Uint8Array(Buffer.concat([decipher.update(wrapped.subarray(12, 44)), decipher.final()]));
};
