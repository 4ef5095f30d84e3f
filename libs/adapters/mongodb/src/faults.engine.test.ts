import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Lease, localKeyWrapper } from '@kendt/eventsourcing';
import { describeWithServers, eventually, rejection } from '@kendt/testing';
import { type MongoDeployment, startMongo } from '@kendt/testing/mongodb';
import { MongoKeyRing } from './key-ring.mongodb.js';
import { ownDatabase } from './on-mongodb.examples.js';
import { MongoViews } from './views.mongodb.js';

const away = { name: 'Refusal', code: 'STORE_AWAY', kind: 'busy' };
const keyEncryptionKey = new Uint8Array(randomBytes(32));

describe('MongoViews', () => {
  it('say so of a document that is not one of theirs, and of nothing else', async () => {
    const own = ownDatabase();
    const views = await MongoViews.open(own.options);
    const view = await views.open({ name: 'lamps@1' });
    await view.put('1', { name: 'a' });
    await own.direct(async (db) => {
      const collection = db.collection<{ _id: string }>('view.lamps@1');
      await collection.insertOne({ _id: '2', revision: 'r', value: '{"name": half' } as never);
      await collection.insertOne({ _id: '3', name: 'from elsewhere' } as never);
    });
    for (const id of ['2', '3']) expect(await rejection(view.get(id))).toMatchObject({ name: 'DocumentDamaged', message: expect.stringMatching(/^A document of lamps@1 is not as Kendt writes it/) });
    expect((await view.get('1'))?.value).toEqual({ name: 'a' });
    await views.close();
    await own.remove();
  });

  it('have what has expired removed by the server', async () => {
    const own = ownDatabase();
    const views = await MongoViews.open(own.options);
    const view = await views.open({ name: 'lamps@1' });
    await view.put('1', { name: 'a' }, { expiresAt: new Date(Date.now() + 100) });
    await view.put('2', { name: 'b' });
    const count = (): Promise<number> => own.direct((db) => db.collection('view.lamps@1').countDocuments());
    await eventually(async () => (await count()) === 1, 'the server has removed it', 65_000);
    await views.close();
    await own.remove();
  }, 70_000);
});

describeWithServers('MongoDB behind a login', () => {
  let mongo: MongoDeployment;
  const passwords: Record<string, string> = { 'env:VIEWS': 'v-secret', 'env:KEYS': 'k-secret', 'env:WRONG': 'guessed' };
  const at = (user: string, database: string, password: string) =>
    ({ url: `mongodb://${user}@${mongo.hosts}/${database}?authSource=admin&password=env:${password}`, resolve: (reference: string) => passwords[reference]! });
  beforeAll(async () => {
    const role = (db: string) => [{ db, role: 'readWrite' }];
    mongo = await startMongo({ users: { views: { password: 'v-secret', roles: role('views') }, keys: { password: 'k-secret', roles: role('keys') } } });
  });
  afterAll(() => mongo?.stop());

  it('lets nobody in without the right password, and tells which setting is wrong', async () => {
    expect(await rejection(MongoViews.open(at('views', 'views', 'WRONG')))).toMatchObject({ message: 'MongoDB refused the user of VIEWS_URL or the password.' });
    expect(await rejection(MongoKeyRing.open({ ...at('keys', 'keys', 'WRONG'), keyEncryptionKey }))).toMatchObject({ message: 'MongoDB refused the user of KEYS_URL or the password.' });
    const nobody = await MongoViews.open({ url: `mongodb://${mongo.hosts}/views` }).then(async (views) => views.names(), (error: unknown) => error).catch((error: unknown) => error);
    expect(nobody).toMatchObject({ message: 'MongoDB does not let the user of VIEWS_URL do this: check its roles.' });
  });

  it('keeps the user of the views from the keys, and the role readWrite is enough for either', async () => {
    const ring = await MongoKeyRing.open({ ...at('keys', 'keys', 'KEYS'), keyEncryptionKey });
    expect(await ring.obtain('c-1', 'contact')).toBeDefined();
    await ring.close();
    expect(await rejection(MongoKeyRing.open({ ...at('views', 'keys', 'VIEWS'), keyEncryptionKey }))).toMatchObject({ message: 'MongoDB does not let the user of KEYS_URL do this: check its roles.' });
    const views = await MongoViews.open(at('views', 'views', 'VIEWS'));
    await (await views.open({ name: 'lamps@1' })).put('1', {});
    await views.close();
  });

  it('gives the key ring all it needs by a role that cannot remove a tombstone, as the guide has it', async () => {
    const admin = await mongo.admin();
    const actions = ['find', 'insert', 'update', 'createCollection', 'createIndex', 'listCollections'];
    await admin.db('admin').command({ createRole: 'kendtKeys', roles: [], privileges: [{ resource: { db: 'guarded', collection: '' }, actions }] });
    await admin.db('admin').command({ createUser: 'guarded', pwd: 'k-secret', roles: ['kendtKeys'] });
    await admin.close();
    const options = at('guarded', 'guarded', 'KEYS');
    const ring = await MongoKeyRing.open({ ...options, keyEncryptionKey });
    await ring.obtain('c-1', 'contact');
    await ring.destroy('c-1', 'contact');
    expect(await ring.rotation.run(localKeyWrapper(new Uint8Array(randomBytes(32))))).toBe(0);
    expect(await Array.fromAsync(ring.tombstones())).toMatchObject([{ customerId: 'c-1', group: 'contact' }]);
    await ring.close();
    const removing = ownDatabase(() => options.url, options.resolve).direct((db) => db.collection('keys').deleteMany({}));
    expect(await rejection(removing)).toMatchObject({ code: 13 });
  });

  it('is away for a while: calls are refused in time, also when it holds still, and go on by themselves afterwards', async () => {
    const [server] = mongo.servers;
    const views = await MongoViews.open(at('views', 'views', 'VIEWS'));
    const ring = await MongoKeyRing.open({ ...at('keys', 'keys', 'KEYS'), keyEncryptionKey });
    const view = await views.open<{ n: number }>({ name: 'numbers@1' });
    await view.put('1', { n: 1 });
    const lease = new Lease(views, 'publishers', { owner: 'a' });
    expect(await lease.granted(new AbortController().signal, 5000)).toBeDefined();
    const refusedWithin = async (ms: number, what: () => Promise<unknown>): Promise<void> => {
      const begin = performance.now();
      expect(await rejection(what())).toMatchObject(away);
      expect(performance.now() - begin).toBeLessThan(ms);
    };
    server!.pause();
    await refusedWithin(11_000, () => view.put('1', { n: 2 }));
    server!.resume();
    await eventually(async () => (await view.get('1').catch(() => undefined))?.value !== undefined, 'it is back');
    await server!.kill();
    await Promise.all([refusedWithin(6_000, () => view.get('1')), refusedWithin(6_000, () => ring.obtain('c-2', 'contact')), refusedWithin(6_000, () => views.names())]);
    expect(await rejection(MongoViews.open(at('views', 'views', 'VIEWS')))).toMatchObject(away);
    await server!.start();
    await eventually(async () => (await view.get('1').catch(() => undefined))?.value.n !== undefined, 'it is back');
    expect(await ring.find('c-1', 'contact')).toBeDefined();
    await eventually(() => lease.tenure !== undefined, 'the lease is held again');
    await lease.release();
    await Promise.all([views.close(), ring.close()]);
  }, 60_000);

  it('is closed at once, whatever is under way', async () => {
    const views = await MongoViews.open(at('views', 'views', 'VIEWS'));
    const view = await views.open({ name: 'lamps@1' });
    mongo.servers[0]!.pause();
    const putting = rejection(view.put('1', {}));
    await sleep(50);
    const begin = performance.now();
    await views.close();
    await putting;
    expect(performance.now() - begin).toBeLessThan(5_000);
    mongo.servers[0]!.resume();
    expect(await rejection(view.get('1'))).toMatchObject({ message: 'The store of views is closed' });
  });
});
