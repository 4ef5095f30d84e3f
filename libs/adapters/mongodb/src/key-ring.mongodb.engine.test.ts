import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keyEncryptionKeyId, localKeyWrapper } from '@kendt/eventsourcing';
import { keyRingContract } from '@kendt/testing';
import { MongoKeyRing } from './key-ring.mongodb.js';
import type { KeptKey } from './key-ring.documents.js';
import { onMongo, type OwnDatabase, ownDatabase } from './on-mongodb.examples.js';
import { MongoViews } from './views.mongodb.js';

const fresh = (): Uint8Array => new Uint8Array(randomBytes(32));
const keyEncryptionKey = fresh();

keyRingContract('MongoKeyRing', onMongo((options) => MongoKeyRing.open({ ...options, keyEncryptionKey })), { durable: true });

describe('MongoKeyRing', () => {
  let own: OwnDatabase;
  let opened: { close(): Promise<void> }[];
  beforeEach(() => {
    own = ownDatabase();
    opened = [];
  });
  afterEach(async () => {
    for (const one of opened) await one.close();
    await own.remove();
  });
  const open = async (key = keyEncryptionKey, others: readonly Uint8Array[] = []): Promise<MongoKeyRing> => {
    const ring = await MongoKeyRing.open({ ...own.options, keyEncryptionKey: key, readKeyEncryptionKeys: async () => others });
    opened.push(ring);
    return ring;
  };
  const change = (filter: object, update: object) => own.direct((db) => db.collection<KeptKey>('keys').updateOne(filter, update));

  it('keeps no key in the clear', async () => {
    const ring = await open();
    const key = Buffer.from((await ring.obtain('c-1', 'contact'))!);
    const kept = await own.direct((db) => db.collection<KeptKey>('keys').findOne({ _id: 'c-1|contact' }));
    expect(Object.keys(kept!).sort()).toEqual(['_id', 'customer', 'group', 'under', 'wrapped']);
    expect(Buffer.from(kept!.wrapped!.buffer).includes(key)).toBe(false);
  });

  it('does not open with another key-encryption key, and says so in one sentence', async () => {
    await open();
    await expect(open(fresh())).rejects.toThrow(/^The key ring of KEYS_URL was made with another key-encryption key \(/);
    await expect(open(new Uint8Array(16))).rejects.toThrow('32 bytes');
  });

  it('does not open a wrapped key that was moved to another customer, or is gone without a tombstone', async () => {
    const ring = await open();
    await ring.obtain('c-1', 'contact');
    await ring.obtain('c-2', 'contact');
    const other = await own.direct((db) => db.collection<KeptKey>('keys').findOne({ _id: 'c-2|contact' }));
    await change({ _id: 'c-1|contact' }, { $set: { wrapped: other!.wrapped } });
    await change({ _id: 'c-2|contact' }, { $unset: { wrapped: 1 } });
    await expect(ring.find('c-1', 'contact')).rejects.toMatchObject({ name: 'DocumentDamaged' });
    await expect(ring.find('c-2', 'contact')).rejects.toMatchObject({ name: 'DocumentDamaged' });
  });

  it('will not lie in a database that holds views', async () => {
    const views = await MongoViews.open(own.options);
    opened.push(views);
    await views.open({ name: 'lamps@1' });
    await expect(open()).rejects.toThrow('KEYS_URL names a database that holds views');
  });

  it('rotates: every key as it was, under another key-encryption key, also what is made and destroyed meanwhile', async () => {
    const [ring, next] = [await open(), fresh()];
    const another = await open(keyEncryptionKey, [keyEncryptionKey, next]);
    const fingerprint = (key: Uint8Array | undefined): string => (key ? createHash('sha256').update(key).digest('hex') : 'destroyed');
    const made = new Map<string, string>(await Promise.all(Array.from({ length: 500 }, async (_, n) => [`c-${n}`, fingerprint(await ring.obtain(`c-${n}`, 'contact'))] as const)));
    await another.obtain('c-0', 'contact'); // holds what is in use now
    const rotating = ring.rotation.run(localKeyWrapper(next));
    await Promise.all(Array.from({ length: 40 }, async (_, n) => {
      made.set(`new-${n}`, fingerprint(await another.obtain(`new-${n}`, 'contact')));
      await another.destroy(`c-${n}`, 'contact');
      made.set(`c-${n}`, 'destroyed');
    }));
    await rotating;
    expect(await ring.rotation.state()).toMatchObject({ id: keyEncryptionKeyId(next), left: 0 });
    const after = await open(next);
    for (const [customer, key] of made) expect(fingerprint(await after.find(customer, 'contact'))).toBe(key);
    expect(await after.rotation.run(localKeyWrapper(next))).toBe(0);
    await expect(after.rotation.run(localKeyWrapper(keyEncryptionKey))).rejects.toThrow('was in use before');
    await expect(open()).rejects.toThrow('made with another key-encryption key');
  });
});
