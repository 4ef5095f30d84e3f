import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { byKey, cachedKeys, type EventStore, type Projection, runProjection, sealing, tipOf } from '@kendt/eventsourcing';
import { SqliteEventStore, SqliteKeyRing, SqliteViews } from '@kendt/sqlite';
import Database from 'better-sqlite3';
import { type Bench, median, type Row, type Run } from './bench.js';
import { eventsPerCustomer, fillLog } from './rebuild.log.js';

interface Customer {
  readonly language: string;
  readonly brands: readonly string[];
  readonly emailClaim?: string;
  readonly emailVerified: boolean;
  readonly identities: Readonly<Record<string, string>>;
  readonly contact?: object;
  readonly changes: number;
}

type Data = Readonly<Record<string, string>>;

const nobody: Customer = { language: 'da', brands: [], emailVerified: false, identities: {}, changes: 0 };

const fold = (before: Customer, type: string, data: Data, contact: object | undefined): Omit<Customer, 'changes'> => {
  switch (type) {
    case 'CustomerRegistered':
      return { ...before, language: data['language']!, brands: [data['brandId']!], emailClaim: data['emailClaim']!, ...(contact && { contact }) };
    case 'ContactDetailsChanged':
      return { ...before, emailClaim: data['emailClaim']!, emailVerified: false, ...(contact && { contact }) };
    case 'EmailVerified':
      return { ...before, emailVerified: data['emailClaim'] === before.emailClaim };
    case 'BrandJoined':
      return { ...before, brands: [...new Set([...before.brands, data['brandId']!])] };
    case 'BrandLeft':
      return { ...before, brands: before.brands.filter((brandId) => brandId !== data['brandId']) };
    case 'ExternalIdentityLinked':
      return { ...before, identities: { ...before.identities, [data['provider']!]: data['claim']! } };
    default:
      return before;
  }
};

/** As the view of customers is: a document per customer, found by brand and e-mail. */
const customers: Projection<Customer> = {
  name: 'customers@1',
  categories: ['customer'],
  indexes: { email: ({ brands, emailClaim }) => (emailClaim ? brands.map((brandId) => `${brandId}:${emailClaim}`) : undefined) },
  document: byKey,
  next: (current = nobody, { type, data, personal }) => ({ ...fold(current, type, data as Data, personal?.contact as object | undefined), changes: current.changes + 1 }),
};

const perSecond = (events: number, from: number): number => (events / (performance.now() - from)) * 1000;

/** Every row, every column, in order: what no rebuild can be faster than. */
const rawRead = (file: string): number => {
  const db = new Database(file, { readonly: true });
  const begin = performance.now();
  let count = 0;
  for (const row of db.prepare('SELECT * FROM events ORDER BY position').iterate()) count += (row as { data: string }).data.length > 0 ? 1 : 0;
  const rate = perSecond(count, begin);
  db.close();
  return rate;
};

const rebuild = async (store: EventStore, folder: string, number: number, events: number, progress: (done: number) => void): Promise<number> => {
  const views = await SqliteViews.open(join(folder, `views-${number}.db`));
  const tip = await tipOf(store);
  const begin = performance.now();
  const following = runProjection({ store, views }, customers);
  while (!(await following.waitFor(tip, 200))) progress(following.takenCount);
  const rate = perSecond(events, begin);
  await following.stop();
  const documents = await (await views.open(customers)).count();
  if (documents !== events / eventsPerCustomer || following.parkedCount > 0) throw new Error(`${documents} documents instead of ${events / eventsPerCustomer}, ${following.parkedCount} parked`);
  await views.close();
  return rate;
};

const measure = async (run: Run, name: string, count: number, seal: (store: EventStore, folder: string) => Promise<EventStore>, goal: string): Promise<Row[]> => {
  const folder = run.folder();
  const file = join(folder, 'events.db');
  const store = await seal(await SqliteEventStore.open(file), folder);
  await fillLog(store, count, (done, of) => run.progress(`filling the log, ${name}`, done, of));
  const events = count * eventsPerCustomer;
  const [raw, built]: [number[], number[]] = [[], []];
  for (let n = 0; n < run.repetitions; n++) {
    run.progress(`reading the log, ${name}`);
    raw.push(rawRead(file));
    built.push(await rebuild(store, folder, n, events, (done) => run.progress(`rebuilding, ${name}`, done, events)));
  }
  await store.close();
  const [value, against] = [median(built), median(raw)];
  return [
    { case: name, value, unit: 'events/s', goal },
    { case: `${name}, of the raw read`, value, unit: 'events/s', against: { what: 'raw sequential read', value: against }, ratio: value / against, ...(name === 'sealed' && { goal: '>= 0.2' }) },
  ];
};

export const rebuildBench: Bench = {
  name: 'rebuild',
  about: 'a view is built from the whole log, against a raw sequential read of the same file',
  run: async (run) => {
    const count = run.quick ? 5000 : 100_000;
    const withKeys = async (store: EventStore, folder: string): Promise<EventStore> =>
      sealing(store, cachedKeys(await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: randomBytes(32) })));
    const plain = await measure(run, 'plain', count, async (store) => store, '>= 100,000');
    const sealed = await measure(run, 'sealed', count, withKeys, '>= 20,000');
    return { parameters: { repetitions: run.repetitions, customers: count, events: count * eventsPerCustomer, sealed: 'contact details in 2 of 10 events' }, rows: [...plain, ...sealed] };
  },
};
