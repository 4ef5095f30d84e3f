import { join } from 'node:path';
import { deterministicId, type EventStore, readAll, type StreamAppend } from '@kendt/eventsourcing';
import { SqliteEventStore } from '@kendt/sqlite';
import { storeRate, workOf } from './appends.js';
import { type Bench, median, type Row, type Run } from './bench.js';

const eventsPerCustomer = 5;
const perAppend = 100;
const samples = 7;

/** Appended through the store, many customers at a time, four appends on their way. */
const fill = async (store: EventStore, from: number, to: number, run: Run): Promise<void> => {
  let next = from;
  const one = async (): Promise<void> => {
    while (next < to) {
      const first = next;
      next += perAppend;
      await store.append(customersFrom(first / eventsPerCustomer, perAppend / eventsPerCustomer));
      run.progress(`filling up to ${to.toLocaleString('en')}`, first - from, to - from);
    }
  };
  await Promise.all([one(), one(), one(), one()]);
};

const customersFrom = (first: number, count: number): StreamAppend[] =>
  Array.from({ length: count }, (_, n) => {
    const events = workOf({ callers: 1, appends: eventsPerCustomer, seed: seedOf(first + n) })[0]!.flatMap((append) => append.events);
    return { stream: streamOf(first + n), expected: 'none', events };
  });

const seedOf = (customer: number): string => `growth ${customer}`;
const streamOf = (customer: number): string => `customer-${deterministicId(seedOf(customer), '0', '0')}`;

interface Sample {
  readonly append: number;
  readonly one: number;
  readonly read: number;
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
const tailing = async (store: EventStore, after: string, seed: string, times: number): Promise<number> => {
  const abort = new AbortController();
  const batches = store.subscribe({ after, categories: ['customer'], signal: abort.signal })[Symbol.asyncIterator]();
  const until = async (position: string): Promise<void> => {
    for (;;) if (((await batches.next()).value as { position: string }).position >= position) return;
  };
  await until(after);
  const appends = workOf({ callers: times, appends: times, seed }).flat();
  const ms = await msOf(times, async (n) => until((await store.append([appends[n]!])).position));
  abort.abort();
  return ms;
};

const sample = async (store: EventStore, size: number, name: string): Promise<Sample> => {
  const customers = size / eventsPerCustomer;
  const random = (n: number): number => Number.parseInt(deterministicId(name, String(n)).slice(0, 8), 16) % customers;
  const append = await storeRate(store, workOf({ callers: 64, appends: 6400, seed: `${name} append` }));
  const ones = workOf({ callers: 1, appends: 200, seed: `${name} one` })[0]!;
  const one = await msOf(ones.length, (n) => store.append([ones[n]!]));
  const read = await msOf(2000, (n) => readAll(store, streamOf(random(n))));
  const tail = await tailing(store, (await store.append([])).position, `${name} tail`, 200);
  return { append, one, read, tail };
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
    ...rows('append until a subscriber sees it', 'ms', ({ tail }) => tail, 'slower'),
  ];
};

export const growth: Bench = {
  name: 'growth',
  about: 'the same work while the store grows',
  run: async (run) => {
    const sizes = run.quick ? [10_000, 50_000, 200_000] : [10_000, 1_000_000, 10_000_000];
    const store = await SqliteEventStore.open(join(run.folder(), 'events.db'));
    const measured: Sample[][] = [];
    for (const [n, size] of sizes.entries()) {
      await fill(store, sizes[n - 1] ?? 0, size, run);
      const found: Sample[] = [];
      for (let m = 0; m < (run.quick ? 3 : samples); m++) {
        run.progress(`measuring at ${size.toLocaleString('en')}`, m, samples);
        found.push(await sample(store, size, `sample ${size} ${m}`));
      }
      measured.push(found);
    }
    await store.close();
    return { parameters: { 'samples at each size': run.quick ? 3 : samples, 'events per customer': eventsPerCustomer }, rows: rowsOf(sizes, measured) };
  },
};
