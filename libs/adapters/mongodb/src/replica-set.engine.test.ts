import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { cachedKeys, sealingViews, ViewConflict } from '@kendt/eventsourcing';
import { describeWithServers, keyRingContract, viewsContract } from '@kendt/testing';
import { type MongoDeployment, type MongoServer, startMongo } from '@kendt/testing/mongodb';
import { MongoKeyRing } from './key-ring.mongodb.js';
import { onMongo, type OwnDatabase, ownDatabase } from './on-mongodb.examples.js';
import { MongoViews } from './views.mongodb.js';

/** So that a search of the files finds what is in them. */
const uncompressed = ['--wiredTigerCollectionBlockCompressor', 'none', '--wiredTigerJournalCompressor', 'none', '--wiredTigerIndexPrefixCompression', 'false'];

const keyEncryptionKey = new Uint8Array(randomBytes(32));

describeWithServers('A replica set of three', () => {
  let mongo: MongoDeployment;
  beforeAll(async () => {
    mongo = await startMongo({ servers: 3, arguments: uncompressed, users: { kendt: { password: 'kendt-secret', roles: [{ db: 'admin', role: 'readWriteAnyDatabase' }, { db: 'admin', role: 'dbAdminAnyDatabase' }] } } });
  });
  afterAll(() => mongo?.stop());
  const database = (): OwnDatabase => ownDatabase((name) => `mongodb://kendt@${mongo.hosts}/${name}?replicaSet=rs0&authSource=admin&password=env:P`, () => 'kendt-secret');

  viewsContract('MongoViews on a replica set', onMongo((options) => MongoViews.open(options), database), { durable: true });
  keyRingContract('MongoKeyRing on a replica set', onMongo((options) => MongoKeyRing.open({ ...options, keyEncryptionKey }), database), { durable: true });

  it('has nothing of an erased customer in its files that can be read, though it keeps what was deleted', async () => {
    const [forViews, forKeys] = [database(), database()];
    const ring = cachedKeys(await MongoKeyRing.open({ ...forKeys.options, keyEncryptionKey }));
    const plain = await MongoViews.open(forViews.options);
    const views = sealingViews(plain, ring);
    const secret = (): string => `ida.${randomBytes(9).toString('hex')}@example.org`;
    const [sealed, replaced, open] = [secret(), secret(), secret()];
    const people = await views.open<{ email: string }>({ name: 'people@1', personal: { group: 'contact', customerOf: (id) => id } });
    const notes = await views.open<{ text: string }>({ name: 'notes@1' });
    await people.put('c-1', { email: replaced });
    await people.put('c-1', { email: sealed });
    await notes.put('1', { text: open });
    const key = Buffer.from((await ring.find('c-1', 'contact'))!);
    await ring.destroy('c-1', 'contact');
    await people.delete('c-1');
    await notes.delete('1');
    const admin = await mongo.admin();
    await admin.db('admin').command({ fsync: 1 });
    await admin.close();
    // What was not sealed stays for a while after it was deleted: the search does find it.
    expect(foundIn(await mongo.primary(), [sealed, replaced, key, open])).toEqual([false, false, false, true]);
    await expect(plain.open({ name: 'people@1', personal: { group: 'contact', customerOf: (id) => id } })).rejects.toThrow('must come sealed');
    await Promise.all([views.close(), ring.close()]);
  });

  it('loses nothing that was acknowledged when its primary is killed in the middle, and goes on within ten seconds', async () => {
    const [forViews, forKeys] = [database(), database()];
    const views = await MongoViews.open(forViews.options);
    const ring = await MongoKeyRing.open({ ...forKeys.options, keyEncryptionKey });
    const view = await views.open<{ n: number }>({ name: 'counters@1' });
    const [counts, keys] = [new Map<string, number>(), new Map<string, Uint8Array>()];
    let [stop, longest, last] = [false, 0, performance.now()];
    const acknowledged = (): void => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    };
    const insist = async (work: () => Promise<void>): Promise<void> => {
      for (;;)
        try {
          return await work();
        } catch (error) {
          expect(error).toMatchObject({ code: 'STORE_AWAY', kind: 'busy' });
        }
    };
    const counting = async (id: string): Promise<void> => {
      for (let n = 1; !stop; n++) {
        let uncertain = false;
        await insist(async () => {
          try {
            await view.put(id, { n }, { revision: String(n), replaces: n === 1 ? null : String(n - 1) });
          } catch (error) {
            if (!(error instanceof ViewConflict)) uncertain = true;
            else if (!uncertain) throw error; // nobody else writes this one
            else return expect((await view.get(id))?.value.n).toBe(n); // the answer was lost, not the document
            throw error;
          }
        });
        counts.set(id, n);
        acknowledged();
      }
    };
    const sealing = async (who: string): Promise<void> => {
      for (let n = 0; !stop; n++) await insist(async () => void keys.set(`${who}-${n}`, (await ring.obtain(`${who}-${n}`, 'contact'))!));
    };
    const working = Promise.all([...['a', 'b', 'c', 'd'].map(counting), ...['x', 'y'].map(sealing)]);
    await sleep(500);
    const primary = await mongo.primary();
    await primary.kill();
    await sleep(500);
    while (performance.now() - last > 250) await sleep(50);
    await sleep(1000);
    stop = true;
    await working;
    await primary.start();
    expect(longest).toBeLessThan(10_000);
    expect(Math.min(...counts.values())).toBeGreaterThan(10);
    for (const [id, n] of counts) expect((await view.get(id))?.value.n).toBe(n);
    for (const [customer, key] of keys) expect(await ring.find(customer, 'contact')).toEqual(key);
    await Promise.all([views.close(), ring.close()]);
  });
});

/** Which of these lie in a file of this server. */
const foundIn = ({ dataDir }: MongoServer, wanted: readonly (Buffer | string)[]): boolean[] => {
  const found = wanted.map(() => false);
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    wanted.forEach((one, n) => (found[n] ||= bytes.includes(one)));
  }
  return found;
};
