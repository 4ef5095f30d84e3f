import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cachedKeys, keyEncryptionKeyId, localKeyWrapper } from '@kendt/eventsourcing';
import { keyRingContract } from '@kendt/testing';
import Database from 'better-sqlite3';
import { SqliteKeyRing } from './key-ring.sqlite.js';
import { bytesOf, onFile, type TemporaryFolder, temporaryFolder } from './on-file.examples.js';

const keyEncryptionKey = new Uint8Array(randomBytes(32));

keyRingContract('SqliteKeyRing', onFile('keys.db', (file) => SqliteKeyRing.open({ file, keyEncryptionKey })), { durable: true });

keyRingContract('SqliteKeyRing behind a cache', onFile('keys.db', async (file) => cachedKeys(await SqliteKeyRing.open({ file, keyEncryptionKey }))), { durable: true });

describe('SqliteKeyRing', () => {
  let kept: TemporaryFolder;
  beforeEach(() => void (kept = temporaryFolder()));
  afterEach(() => kept.remove());
  const file = (): string => join(kept.folder, 'keys.db');

  const wrappedOf = (customer: string): Buffer => {
    const db = new Database(file());
    try {
      return db.prepare('SELECT wrapped FROM keys JOIN wrapped_keys USING (number) WHERE customer = ?').pluck().get(customer) as Buffer;
    } finally {
      db.close();
    }
  };

  it('does not open with another key-encryption key, and says so in one sentence', async () => {
    const keys = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    await keys.close();
    await expect(SqliteKeyRing.open({ file: file(), keyEncryptionKey: new Uint8Array(randomBytes(32)) })).rejects.toThrow(/keys\.db was made with another key-encryption key/);
    await expect(SqliteKeyRing.open({ file: file(), keyEncryptionKey: new Uint8Array(16) })).rejects.toThrow('32 bytes');
  });

  it('keeps no key in the clear', async () => {
    const keys = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    const key = await keys.obtain('c-1', 'contact');
    await keys.close();
    expect(Object.values(bytesOf(kept.folder)).some((bytes) => bytes.includes(Buffer.from(key!)) || bytes.includes(Buffer.from(keyEncryptionKey)))).toBe(false);
  });

  it('does not open a wrapped key that was moved to another customer', async () => {
    const keys = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    await keys.obtain('c-1', 'contact');
    await keys.obtain('c-2', 'contact');
    await keys.close();
    const db = new Database(file());
    db.exec(`UPDATE keys SET number = 3 - number`);
    db.close();
    const again = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    await expect(again.find('c-1', 'contact')).rejects.toThrow();
    await again.close();
  });

  it('has left no byte of a wrapped key in any file once destroying it has resolved', async () => {
    const keys = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    const customers = Array.from({ length: 300 }, (_, n) => `c-${randomBytes(6).toString('hex')}-${n}`);
    await Promise.all(customers.map((customer) => keys.obtain(customer, 'contact')));
    const gone = customers.filter((_, n) => n % 3 === 0);
    const wrapped = gone.map(wrappedOf);
    const found = (): number => {
      const bytes = Buffer.concat(Object.values(bytesOf(kept.folder)));
      return wrapped.filter((one) => bytes.includes(one)).length;
    };
    expect(found()).toBe(100);
    await Promise.all(gone.map((customer) => keys.destroy(customer, 'contact')));
    expect(found()).toBe(0);
    await keys.close();
  });

  it('lets caches forget at once what another process has destroyed', async () => {
    const here = cachedKeys(await SqliteKeyRing.open({ file: file(), keyEncryptionKey }));
    const there = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    await here.obtain('c-1', 'contact');
    expect(here.held('c-1', 'contact')).toBeDefined();
    await there.destroy('c-1', 'contact');
    expect(here.held('c-1', 'contact')).toBeUndefined();
    expect(await here.find('c-1', 'contact')).toBeUndefined();
    await here.close();
    await there.close();
  });

  it('takes over a file of the first version in place, with every key and every tombstone', async () => {
    const { key } = firstVersion(file(), keyEncryptionKey);
    const keys = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    expect(await keys.find('c-1', 'contact')).toEqual(key);
    expect(await Array.fromAsync(keys.tombstones())).toEqual([{ customerId: 'c-2', group: 'contact', destroyedAt: '2026-03-01T12:00:00.000Z' }]);
    expect(keys.rotation.state()).toEqual({ id: keyEncryptionKeyId(keyEncryptionKey), since: undefined, left: 0 });
    expect(await keys.obtain('c-3', 'contact')).toBeDefined();
    const upTo = { stream: 'erasure-1', id: 'e-1', position: '0000000000000007' };
    expect(await keys.compared()).toBeUndefined();
    await keys.noteCompared(upTo);
    expect(await keys.compared()).toEqual(upTo);
    await keys.close();
    await expect(SqliteKeyRing.open({ file: file(), keyEncryptionKey: new Uint8Array(randomBytes(32)) })).rejects.toThrow('another key-encryption key');
  });

  it('refuses to open where one key lies under a key-encryption key that is not there, and reads no such key as missing', async () => {
    const keys = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    await keys.obtain('c-1', 'contact');
    await keys.obtain('c-2', 'contact');
    const db = new Database(file());
    db.exec(`INSERT INTO key_encryption_keys (number, id) VALUES (0, 'feedfeedfeedfeed'); UPDATE keys SET under = 0 WHERE customer = 'c-2'`);
    await expect(keys.find('c-2', 'contact')).rejects.toThrow('The key-encryption key feedfeedfeedfeed is not among the secrets');
    expect(await keys.find('c-1', 'contact')).toBeDefined();
    await keys.close();
    await expect(SqliteKeyRing.open({ file: file(), keyEncryptionKey })).rejects.toThrow(/keys\.db was made with another key-encryption key \(feedfeedfeedfeed/);
    db.exec('DELETE FROM key_encryption_keys WHERE number = 0');
    db.close();
    await expect(SqliteKeyRing.open({ file: file(), keyEncryptionKey })).rejects.toThrow('It was altered');
  });
});

/** As Kendt 0.1 has left it: one key, one tombstone. */
const firstVersion = (file: string, kek: Uint8Array): { key: Uint8Array } => {
  mkdirSync(dirname(file), { recursive: true });
  const key = new Uint8Array(randomBytes(32));
  const db = new Database(file);
  db.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE wrapped_keys (number INTEGER PRIMARY KEY, wrapped BLOB NOT NULL);
    CREATE TABLE keys (
      customer TEXT NOT NULL, data_group TEXT NOT NULL, number INTEGER REFERENCES wrapped_keys, destroyed_at TEXT,
      PRIMARY KEY (customer, data_group)
    ) WITHOUT ROWID;
    CREATE TABLE check_value (only INTEGER PRIMARY KEY CHECK (only = 1), value BLOB NOT NULL);
    PRAGMA application_id = ${0x4b_4e_44_03}; PRAGMA user_version = 1`);
  db.prepare('INSERT INTO check_value VALUES (1, ?)').run(createHmac('sha256', kek).update('kendt key check value').digest().subarray(0, 16));
  db.prepare('INSERT INTO wrapped_keys VALUES (1, ?)').run(localKeyWrapper(kek).wrap(key, 'c-1|contact'));
  db.exec("INSERT INTO keys VALUES ('c-1', 'contact', 1, NULL), ('c-2', 'contact', NULL, '2026-03-01T12:00:00.000Z')");
  db.close();
  return { key };
};
