import { join } from 'node:path';
import type { EventStore, StreamAppend } from '@kendt/eventsourcing';
import { SqliteEventStore } from '@kendt/sqlite';
import { independent, insertSql, rawFile, rowsOf, storeRate, type Work, workOf } from './appends.js';
import { type Bench, median, percentile, type Row, type Run } from './bench.js';
import { collectGarbage } from './garbage.js';
import { openLoop } from './open-loop.js';

const callers = 64;
const tickMs = 0.25;

/** Milliseconds of each commit of one row, one after the other, fsync'ed. */
const rawCommits = async (run: Run, works: readonly Work[]): Promise<number[]> => {
  const db = await rawFile(run.folder());
  const insert = db.prepare(insertSql);
  const times = rowsOf(works).map((row) => {
    const begin = performance.now();
    insert.run(...row);
    return performance.now() - begin;
  });
  db.close();
  return times;
};

/**
 * An open loop: appends are sent when they are due, whether earlier ones are answered or not, and each is measured from
 * the moment when it was due. So a stall counts for everybody whom it made wait. Nothing is kept of an append but its time:
 * what the load keeps alive, the garbage collector copies while the store waits for it.
 */
const latencies = async (store: EventStore, appends: readonly StreamAppend[], perSecond: number): Promise<number[]> => {
  const times: number[] = [];
  const answered = Promise.withResolvers<void>();
  await openLoop({ count: appends.length, perSecond, tickMs }, (n, due) => {
    void store.append([appends[n]!]).then(() => {
      if (times.push(performance.now() - due) === appends.length) answered.resolve();
    }, answered.reject);
  });
  await answered.promise;
  return times;
};

interface Once {
  readonly peak: number;
  readonly raw: readonly number[];
  readonly ours: readonly number[];
}

const once = async (run: Run): Promise<Once> => {
  const raw = await rawCommits(run, workOf({ callers: 1, appends: run.quick ? 500 : 3000 }));
  const store = await SqliteEventStore.open(join(run.folder(), 'events.db'));
  const peak = await storeRate(store, workOf({ callers, appends: run.quick ? 10_000 : 60_000 }));
  const appends = independent(Math.ceil((peak / 2) * (run.quick ? 2 : 8)));
  collectGarbage(); // of making them
  const ours = await latencies(store, appends, peak / 2);
  await store.close();
  return { peak, raw, ours };
};

const row = (runs: readonly Once[], share: number, goal?: string): Row => {
  const raw = median(runs.map((one) => median(one.raw)));
  const value = median(runs.map(({ ours }) => percentile(ours, share)));
  const ratio = median(runs.map((one) => percentile(one.ours, share) / median(one.raw)));
  return { case: `p${share * 100} at half the peak rate`, value, unit: 'ms', against: { what: 'one raw commit, median, ms', value: raw }, ratio, ...(goal && { goal }) };
};

export const appendLatency: Bench = {
  name: 'append-latency',
  about: 'how long one append takes from the moment when it was due until it is on disk',
  run: async (run) => {
    const runs: Once[] = [];
    for (let n = 0; n < run.repetitions; n++) {
      run.progress('measuring', n, run.repetitions);
      runs.push(await once(run));
    }
    const peak = Math.round(median(runs.map((one) => one.peak)));
    const rawP99 = median(runs.map(({ raw }) => percentile(raw, 0.99)));
    const rows = [row(runs, 0.5), row(runs, 0.99, '<= 5'), { case: 'p99 of one raw commit', value: rawP99, unit: 'ms' }];
    return { parameters: { repetitions: run.repetitions, 'peak rate with 64 callers': `${peak}/s`, 'sent at': `${Math.round(peak / 2)}/s, open loop, in ticks of ${tickMs} ms` }, rows };
  },
};
