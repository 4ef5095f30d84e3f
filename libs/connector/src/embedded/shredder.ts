import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync } from 'node:crypto';
import type { SqliteConnection, SqliteStatement } from './sqlite-file.js';

const keyBytes = 32;
const tagBytes = 16;
// Every key seals one value only, once.
const nonce = Buffer.alloc(12);

export interface Sealed {
  readonly slot: number;
  readonly sealed: Uint8Array;
}

/**
 * Values that are really gone once they are deleted. SQLite's `secure_delete` is not enough for that: when a B-tree is
 * rebalanced, a cell that moves to another page leaves its bytes behind in the unused gap of the old one
 * (`rebuildPage`), where a later delete does not find them. So each value is sealed with a key of its own, and the key
 * lies in a slot that never moves (rows are only ever added at the end, and overwritten in place).
 *
 * This is about deleting, not about secrecy: the keys lie in the same file.
 */
export class Shredder {
  static readonly schema = `
    CREATE TABLE slots (slot INTEGER PRIMARY KEY, key BLOB NOT NULL, free INTEGER NOT NULL);
    CREATE INDEX slots_free ON slots (slot) WHERE free = 1`;

  private readonly free: SqliteStatement;
  private readonly add: SqliteStatement;
  private readonly overwrite: SqliteStatement;

  constructor(connection: SqliteConnection) {
    this.free = connection.prepare('SELECT slot FROM slots WHERE free = 1 LIMIT 1');
    this.add = connection.prepare('INSERT INTO slots (key, free) VALUES (?, 0)');
    // The row keeps its size (0 and 1 take no bytes of their own), so SQLite writes over the old cell.
    this.overwrite = connection.prepare('UPDATE slots SET key = ?, free = ? WHERE slot = ?');
  }

  seal(value: Uint8Array): Sealed {
    const key = newKey();
    return { slot: this.place(key), sealed: encrypt(value, key) };
  }

  /** Another value in the place of one that is replaced: its key is overwritten with the new one. */
  reseal(slot: number, value: Uint8Array): Uint8Array {
    const key = newKey();
    this.overwrite.run(key, 0, slot);
    return encrypt(value, key);
  }

  /** The key comes with the row: join `slots`. */
  open(key: Uint8Array, sealed: Uint8Array): Buffer {
    const end = sealed.length - tagBytes;
    const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce, { authTagLength: tagBytes }).setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  }

  shred(slot: number): void {
    this.overwrite.run(Buffer.alloc(keyBytes), 1, slot);
  }

  private place(key: Uint8Array): number {
    const found = this.free.get() as { slot: number } | undefined;
    if (!found) return Number(this.add.run(key).lastInsertRowid);
    this.overwrite.run(key, 0, found.slot);
    return found.slot;
  }
}

const encrypt = (value: Uint8Array, key: Uint8Array): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce); // bare bytes cost Node two exceptions a call
  return Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()]);
};

/** Random bytes for many keys at once: asking for each costs more than the sealing of a small value. Each is used once. */
const pool = Buffer.alloc(256 * keyBytes);
let used = pool.length;

const newKey = (): Buffer => {
  if (used === pool.length) used = (randomFillSync(pool), 0);
  const key = Buffer.from(pool.subarray(used, used + keyBytes));
  pool.fill(0, used, (used += keyBytes));
  return key;
};
