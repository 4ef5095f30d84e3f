import { join } from 'node:path';
import { type EventStore, readAll, START } from '@kendt/eventsourcing';
import { SqliteEventStore } from '@kendt/sqlite';
import { eventsPerCustomer, storeRate, workOf } from './appends.js';
import { type Bench, median, type Row, type Run } from './bench.js';
import { fill } from './growth.fill.js';

interface Counts {
  readonly sizes: readonly number[];
  readonly samples: number;
  /** Appends of 64 callers in one sample. */
  readonly appends: number;
}

const countsOf = (quick: boolean): Counts =>
  quick ? { sizes: [10_000, 100_000, 500_000], samples: 3, appends: 3200 } : { sizes: [10_000, 1_000_000, 10_000_000], samples: 7, appends: 3200 };

interface Sample {
  readonly append: number;
  readonly one: number;
  readonly read: number;
  readonly batch: number;
  readonly tail: number;
}

const msOf = async (times: number, work: (n: number) => Promise<unknown>): Promise<number> => {
  const each: number[] = [];
  for (let n = 0; n < times; n++) {
    const begin = performance.now();
    await work(n);
    each.push(performance.now() - begin);
  }
  return median(each);
};

/** From an append until a subscriber that has caught up has seen it. */
const tailing = async (store: EventStore, after: string, times: number): Promise<number> => {
  const abort = new AbortController();
  const batches = store.subscribe({ after, categories: ['customer'], signal: abort.signal })[Symbol.asyncIterator]();
  const until = async (position: string): Promise<void> => {
    for (;;) if (((await batches.next()).value as { position: string }).position >= position) return;
  };
  await until(after);
  const appends = workOf({ callers: times, appends: times }).flat();
  const ms = await msOf(times, async (n) => until((await store.append([appends[n]!])).position));
  abort.abort();
  return ms;
};

/** The first batch that a subscriber gets that comes back after some time. */
const batchAfter = async (store: EventStore, after: string): Promise<void> => {
  const abort = new AbortController();
  for await (const { events } of store.subscribe({ after, categories: ['customer'], signal: abort.signal })) {
    if (events.length === 0) throw new Error('There is nothing behind that position');
    return abort.abort();
  }
};

const sample = async (store: EventStore, customers: readonly string[], appends: number): Promise<Sample> => {
  const any = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)]!;
  const append = await storeRate(store, workOf({ callers: 64, appends }));
  const ones = workOf({ callers: 1, appends: 200 })[0]!;
  const one = await msOf(ones.length, (n) => store.append([ones[n]!]));
  const read = await msOf(2000, () => readAll(store, any(customers)));
  const last = (await store.append([])).position;
  const positions = await Promise.all(Array.from({ length: 50 }, async () => (await readAll(store, any(customers), { limit: 1 }))[0]?.position ?? START));
  const batch = await msOf(positions.length, (n) => batchAfter(store, positions[n]!));
  return { append, one, read, batch, tail: await tailing(store, last, 200) };
};

/** The store is opened anew at each size, as it was closed to be filled; the first sample warms it up and does not count. */
const samplesAt = async (file: string, customers: readonly string[], { samples, appends }: Counts, run: Run, size: number): Promise<Sample[]> => {
  const store = await SqliteEventStore.open(file);
  const found: Sample[] = [];
  for (let n = 0; n <= samples; n++) {
    run.progress(`measuring at ${size.toLocaleString('en')}`, n, samples + 1);
    found.push(await sample(store, customers, appends));
  }
  await store.close();
  return found.slice(1);
};

const rowsOf = (sizes: readonly number[], measured: readonly (readonly Sample[])[]): Row[] => {
  const rows = (name: string, unit: string, of: (sample: Sample) => number, grows: 'slower' | 'fewer'): Row[] => {
    const values = measured.map((one) => median(one.map(of)));
    return sizes.map((size, n): Row => {
      const ratio = grows === 'slower' ? values[n]! / values[0]! : values[0]! / values[n]!;
      const last = n === sizes.length - 1;
      return { case: `${name}, ${size.toLocaleString('en')} events`, value: values[n]!, unit, ...(n > 0 && { against: { what: 'at first', value: values[0]! }, ratio }), ...(last && { goal: '<= 1.1' }) };
    });
  };
  return [
    ...rows('append, 64 callers', '/s', ({ append }) => append, 'fewer'),
    ...rows('append, one caller', 'ms', ({ one }) => one, 'slower'),
    ...rows('read one customer', 'ms', ({ read }) => read, 'slower'),
    ...rows('500 events after a position', 'ms', ({ batch }) => batch, 'slower'),
    ...rows('append until a subscriber sees it', 'ms', ({ tail }) => tail, 'slower'),
  ];
};

export const growth: Bench = {
  name: 'growth',
  about: 'the same work while the store grows',
  run: async (run) => {
    const counts = countsOf(run.quick);
    const file = join(run.folder(), 'events.db');
    await (await SqliteEventStore.open(file)).close();
    const [customers, measured]: [string[], Sample[][]] = [[], []];
    for (const [n, size] of counts.sizes.entries()) {
      const filled = await fill(file, counts.sizes[n - 1] ?? 0, size, (done, of) => run.progress(`filling up to ${size.toLocaleString('en')}`, done, of));
      for (const one of filled) customers.push(one);
      measured.push(await samplesAt(file, customers, counts, run, size));
    }
    const parameters = { 'samples at each size': counts.samples, 'events per customer': eventsPerCustomer, filled: 'by equal rows in large transactions, not by appends' };
    return { parameters, rows: rowsOf(counts.sizes, measured) };
  },
};
