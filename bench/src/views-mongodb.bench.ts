import { randomBytes, randomUUID } from 'node:crypto';
import type { View, ViewDefinition } from '@kendt/eventsourcing';
import { MongoViews } from '@kendt/mongodb';
import { type MongoDeployment, startMongo } from '@kendt/testing/mongodb';
import mongoose from 'mongoose';
import { secondsOf } from './appends.js';
import { type Bench, median, type Row, type Run } from './bench.js';

interface Customer {
  readonly customerId: string;
  readonly brands: readonly string[];
  readonly hash: string;
  readonly contact: { readonly email: string; readonly phone: string; readonly name: { readonly given: string; readonly family: string } };
  readonly visits: number;
}

const definition: ViewDefinition<Customer> = { name: 'customers@1', indexes: { email: ({ brands, hash }) => brands.map((brand) => `${brand}:${hash}`) } };

const customerOf = (n: number, visits = 0): Customer => ({
  customerId: `c-${n}`, brands: ['fjord', 'lund'], hash: `hash-${n}`, visits,
  contact: { email: `customer-${n}@example.org`, phone: `+45${20_000_000 + n}`, name: { given: 'Ida', family: `Holm ${n}` } },
});

const callers = 32;

/** So many callers, each with their share, one after the other. */
const byCallers = async (count: number, work: (n: number) => Promise<unknown>): Promise<number> => {
  const seconds = await secondsOf(async () => {
    await Promise.all(Array.from({ length: callers }, async (_, caller) => {
      for (let n = caller; n < count; n += callers) await work(n);
    }));
  });
  return count / seconds;
};

interface Rates {
  readonly insert: number;
  readonly replace: number;
  readonly get: number;
  readonly find: number;
  readonly batch: number;
}

const found = <T>(document: T | null | undefined): T => {
  if (document === null || document === undefined) throw new Error('A document is missing');
  return document;
};

const must = (holds: boolean): void => {
  if (!holds) throw new Error('A guard did not hold');
};

const batchSize = 500;
const batchesOf = (count: number): number[][] => Array.from({ length: Math.ceil(count / batchSize) }, (_, b) => Array.from({ length: Math.min(batchSize, count - b * batchSize) }, (__, n) => b * batchSize + n));

const ours = async (view: View<Customer>, count: number): Promise<Rates> => ({
  insert: await byCallers(count, (n) => view.put(`c-${n}`, customerOf(n), { revision: '1', replaces: null })),
  replace: await byCallers(count, (n) => view.put(`c-${n}`, customerOf(n, 1), { revision: '2', replaces: '1' })),
  get: await byCallers(count, async (n) => found(await view.get(`c-${n}`))),
  find: await byCallers(count, async (n) => found((await view.find('email', `fjord:hash-${n}`, { limit: 20 })).documents[0])),
  batch: count / (await secondsOf(async () => {
    for (const some of batchesOf(count)) must((await view.write(some.map((n) => ({ id: `c-${n}`, value: customerOf(n, 2), revision: '3', replaces: '2' })))).length === 0);
  })),
});

interface Bare {
  readonly _id: string;
  readonly revision: string;
  readonly emails: readonly string[];
  readonly value: Customer;
}

const bareOf = (n: number, revision: string, visits = 0): Bare => {
  const value = customerOf(n, visits);
  return { _id: value.customerId, revision, emails: value.brands.map((brand) => `${brand}:${value.hash}`), value };
};

/** The same guards, by the same driver, with the same promise of what is written: values as documents, nothing checked, nothing expires. */
const bare = async (collection: mongoose.mongo.Collection<Bare>, count: number): Promise<Rates> => {
  await collection.createIndex({ emails: 1, _id: 1 });
  return {
    insert: await byCallers(count, (n) => collection.insertOne(bareOf(n, '1'))),
    replace: await byCallers(count, async (n) => {
      const { _id, ...rest } = bareOf(n, '2', 1);
      must((await collection.replaceOne({ _id, revision: '1' }, rest)).matchedCount === 1);
    }),
    get: await byCallers(count, async (n) => found(await collection.findOne({ _id: `c-${n}` }))),
    find: await byCallers(count, async (n) => found((await collection.find({ emails: `fjord:hash-${n}` }, { sort: { _id: 1 }, limit: 20 }).toArray())[0])),
    batch: count / (await secondsOf(async () => {
      for (const some of batchesOf(count)) {
        const operations = some.map((n) => {
          const { _id, ...replacement } = bareOf(n, '3', 2);
          return { replaceOne: { filter: { _id, revision: '2' }, replacement } };
        });
        must((await collection.bulkWrite(operations, { ordered: false, writeConcern: { w: 'majority' } })).matchedCount === some.length);
      }
    })),
  };
};

const password = randomBytes(9).toString('hex');
const roles = [{ db: 'admin', role: 'readWriteAnyDatabase' }, { db: 'admin', role: 'dbAdminAnyDatabase' }];

const once = async (mongo: MongoDeployment, count: number): Promise<{ ours: Rates; bare: Rates }> => {
  const database = `bench_${randomUUID().slice(0, 8)}`;
  const url = `mongodb://kendt@${mongo.hosts}/${database}?authSource=admin&password=env:PASSWORD`;
  const views = await MongoViews.open({ url, resolve: () => password });
  const client = await new mongoose.mongo.MongoClient(`mongodb://kendt:${password}@${mongo.hosts}/?authSource=admin`, { writeConcern: { w: 'majority', journal: true }, readConcern: { level: 'majority' }, maxPoolSize: 20 }).connect();
  try {
    const theirs = await bare(client.db(database).collection('bare'), count);
    return { bare: theirs, ours: await ours(await views.open(definition), count) };
  } finally {
    await client.db(database).dropDatabase();
    await Promise.all([views.close(), client.close()]);
  }
};

const cases: readonly (readonly [name: string, which: keyof Rates, unit: string])[] = [
  ['puts where nothing stands', 'insert', 'puts/s'], ['puts over a revision', 'replace', 'puts/s'], ['gets by id', 'get', 'gets/s'],
  ['finds by index', 'find', 'finds/s'], [`guarded writes, ${batchSize} at once`, 'batch', 'documents/s'],
];

export const viewsMongodb: Bench = {
  name: 'views-mongodb',
  about: 'guarded puts and finds a second in MongoDB, against its bare driver on the same server',
  run: async (run: Run) => {
    const count = run.quick ? 6_000 : 20_000;
    run.progress('starting MongoDB');
    const mongo = await startMongo({ users: { kendt: { password, roles } } });
    const rates: { ours: Rates; bare: Rates }[] = [];
    try {
      await once(mongo, Math.min(count, 4_000)); // Node compiles what is run often
      for (let n = 0; n < run.repetitions; n++) {
        run.progress('measuring', n, run.repetitions);
        rates.push(await once(mongo, count));
      }
    } finally {
      await mongo.stop();
    }
    const rows = cases.map(([name, which, unit]): Row => ({
      case: name, unit, value: median(rates.map((rate) => rate.ours[which])), against: { what: 'bare driver', value: median(rates.map((rate) => rate.bare[which])) },
      ratio: median(rates.map((rate) => rate.ours[which] / rate.bare[which])), goal: '>= 0.7',
    }));
    return { parameters: { repetitions: run.repetitions, documents: count, callers, connections: 20, 'write concern': 'majority, journaled', server: 'MongoDB 6.0.5, stand-alone, on the same machine' }, rows };
  },
};
