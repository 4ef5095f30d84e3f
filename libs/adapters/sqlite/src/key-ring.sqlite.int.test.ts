import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keyRingContract } from '@kendt/testing';
import Database from 'better-sqlite3';
import { SqliteKeyRing } from './key-ring.sqlite.js';
import { bytesOf, onFile, type TemporaryFolder, temporaryFolder } from './on-file.examples.js';

const keyEncryptionKey = new Uint8Array(randomBytes(32));

keyRingContract('SqliteKeyRing', onFile('keys.db', (file) => SqliteKeyRing.open({ file, keyEncryptionKey })), { durable: true });

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

  it('forgets at once what another process has destroyed', async () => {
    const here = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    const there = await SqliteKeyRing.open({ file: file(), keyEncryptionKey });
    await here.obtain('c-1', 'contact');
    expect(await here.find('c-1', 'contact')).toBeDefined();
    await there.destroy('c-1', 'contact');
    expect(await here.find('c-1', 'contact')).toBeUndefined();
    await here.close();
    await there.close();
  });
});
