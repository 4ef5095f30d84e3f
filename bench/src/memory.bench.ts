import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, median, type Row, type Run } from './bench.js';
import { load } from './load.js';
import { benchConfig, type Standalone, startStandalone } from './standalone.js';

const everyMs = 250;
const atRestMs = 10_000;
const concurrency = 32;
const goalMb = '< 250';

/** Looks at the process until told to stop. */
const watch = (system: Standalone): (() => Promise<number[]>) => {
  const [seen, stop]: [number[], AbortController] = [[], new AbortController()];
  const looking = (async () => {
    while (!stop.signal.aborted) {
      seen.push(system.residentMb());
      await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stop.abort();
    await looking;
    return seen;
  };
};

const during = async (system: Standalone, work: Promise<unknown>): Promise<number[]> => {
  const seen = watch(system);
  await work;
  return seen();
};

const atRest = async (run: Run, system: Standalone): Promise<Row> => {
  run.progress('at rest');
  await sleep(run.quick ? atRestMs / 4 : atRestMs);
  return { case: 'at rest, after the start', value: median(await during(system, sleep(1000))), unit: 'MB', goal: goalMb };
};

/**
 * The second minute against the last: the first is left out, because buffers, caches and compiled code have to fill once. A
 * quick look lasts too short to judge by: it shows the same tenths of its time, and no goal.
 */
const underLoad = async (run: Run, system: Standalone): Promise<Row[]> => {
  const seconds = run.quick ? 30 : 600;
  const began = performance.now();
  const showing = setInterval(() => run.progress('customers come and go', Math.round((performance.now() - began) / 1000), seconds), 1000);
  const seen = await during(system, load(system, { what: 'life-cycles', concurrency, seconds })).finally(() => clearInterval(showing));
  const tenth = Math.floor(seen.length / 10);
  const [second, last] = [median(seen.slice(tenth, 2 * tenth)), median(seen.slice(-tenth))];
  return [
    {
      case: `under load, median of the last ${run.quick ? 'tenth' : 'minute'}`, value: last, unit: 'MB',
      against: { what: `that of the second ${run.quick ? 'tenth' : 'minute'}`, value: second }, ratio: last / second, ...(!run.quick && { goal: '<= 1.1' }),
    },
    { case: 'under load, at most', value: Math.max(...seen), unit: 'MB' },
  ];
};

/** All views at once, from the log that the load has written: what happens when views.db is lost. */
const duringRebuild = async (run: Run, folder: string): Promise<Row[]> => {
  run.progress('views are built anew');
  const data = join(folder, 'data');
  for (const name of readdirSync(data)) if (name.startsWith('views.db')) rmSync(join(data, name));
  const system = await startStandalone(folder);
  const seen = await during(system, sleep(run.quick ? 10_000 : 120_000));
  await system.stop('SIGKILL');
  return [{ case: 'while all views are built anew, at most', value: Math.max(...seen), unit: 'MB' }];
};

const once = async (run: Run): Promise<Row[]> => {
  const folder = run.folder();
  benchConfig(folder);
  const system = await startStandalone(folder);
  const rows = [await atRest(run, system), ...(await underLoad(run, system))];
  await system.stop();
  return [...rows, ...(await duringRebuild(run, folder))];
};

export const memory: Bench = {
  name: 'memory',
  about: 'Resident size of the standalone process, as the kernel counts it (VmRSS).',
  run: async (run) => ({
    parameters: { concurrency, 'every ms': everyMs, load: 'whole life cycles of customers, over HTTP', minutes: run.quick ? 0.5 : 10, flat: 'median of the second minute against that of the last', repetitions: 1 },
    rows: await once(run), // ten minutes, once: it is the length that tells, not the repetition
  }),
};
