import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEngines } from '@kendt/apart';
import { type Bench, median, type Row, type Run } from './bench.js';
import { onEngines } from './engines.js';
import { steps } from './life-cycle.js';
import { load, type LoadResult, type LoadWanted } from './load.js';
import { cpuByName } from './process-figures.js';
import { benchConfig, shop, type Standalone, startStandalone } from './standalone.js';

const restSeconds = 4;

interface Side {
  readonly result: LoadResult;
  /** CPU ms for each command, by who used them; without the load itself. */
  readonly cost: Readonly<Record<string, number>>;
  /** CPU of all processes before anybody asked anything, in parts of one core. */
  readonly idle: number;
}

const commands = (done: number): number => done * steps.length;
const perSecond = ({ result }: Side): number => commands(result.done) / result.seconds;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const costOf = ({ cost }: Side): number => sum(Object.values(cost));
const askedCost = (side: Side): number => costOf(side) - (side.idle * 1000) / perSecond(side);

/** @param names of processes by their id; those who are not in it, and were started from here, have the names of their programs. */
const underLoad = async (target: Pick<Standalone, 'url' | 'secret'>, names: () => ReadonlyMap<number, string>, wanted: LoadWanted): Promise<Side> => {
  await sleep(1000);
  const rested = cpuByName(names());
  await sleep(restSeconds * 1000);
  const before = cpuByName(names());
  const result = await load(target, wanted);
  const after = cpuByName(names());
  const all = commands(sum(Object.values(result.latencies).map(({ count }) => count)) / steps.length) * (1 / (1 - result.warmUpShare)); // of the warm-up too, as far as it can be told
  const cost = Object.fromEntries(Object.entries(after).map(([name, used]) => [name, ((used - (before[name] ?? 0)) * 1000) / all]));
  return { result, cost, idle: (sum(Object.values(before)) - sum(Object.values(rested))) / restSeconds };
};

const apartSide = (run: Run, instances: number, wanted: LoadWanted): Promise<Side> =>
  onEngines(run, { instances }, async ({ url, secretsDir, gateway, instances: running }) => {
    run.progress('apart, under load');
    const names = (): Map<number, string> => new Map([[gateway.pid, 'gateway'], ...running.map(({ pid, options }): [number, string] => [pid!, options.service])]);
    return underLoad({ url, secret: readFileSync(join(secretsDir, 'clients', shop), 'utf8').trim() }, names, wanted);
  });

const standaloneSide = async (run: Run, wanted: LoadWanted): Promise<Side> => {
  const folder = run.folder();
  benchConfig(folder);
  run.progress('starting engines for the standalone process');
  const engines = await startEngines(join(folder, 'files'), {}, { kafka: true, mongo: true });
  try {
    const system = await startStandalone(folder, { ...engines.places });
    run.progress('standalone, under load');
    try {
      return await underLoad(system, () => new Map([[system.pid, 'standalone']]), wanted);
    } finally {
      await system.stop('SIGKILL'); // what is still to be mailed and published is nobody's
    }
  } finally {
    await engines.stop();
  }
};

const medianOf = (sides: readonly Side[], of: (side: Side) => number): number => median(sides.map(of));

const leastMs = 0.01;
const namesOf = (sides: readonly Side[]): string[] => Object.keys(sides[0]!.cost).filter((name) => medianOf(sides, ({ cost }) => cost[name] ?? 0) >= leastMs);

interface Sides {
  /** As many processes of each service as are measured; the least that is apart at all is one. */
  readonly apart: Side;
  readonly single: Side;
  readonly alone: Side;
}

const rowsOf = (sides: readonly Sides[]): Row[] => {
  const [apart, single, alone] = [sides.map((each) => each.apart), sides.map((each) => each.single), sides.map((each) => each.alone)];
  const compared = (what: string, unit: string, of: (side: Side) => number, by = apart): Row => ({ case: what, value: medianOf(by, of), unit, against: { what: 'standalone', value: medianOf(alone, of) } });
  const ratio = (of: (n: number) => number): number => median(apart.map((_, n) => of(n)));
  const latencies = steps.map((step): Row => ({ ...compared(`${step}, p95`, 'ms', ({ result }) => result.latencies[step]!.p95), ratio: ratio((n) => apart[n]!.result.latencies[step]!.p95 / alone[n]!.result.latencies[step]!.p95) }));
  const parts = (sides: readonly Side[], label: string): Row[] => namesOf(sides).map((name) => ({ case: `CPU for a command, ${label}: ${name}`, value: medianOf(sides, ({ cost }) => cost[name] ?? 0), unit: 'ms' }));
  return [
    { ...compared('commands; the ratio is the cost of one, standalone\'s rate by this', '/s', perSecond), ratio: ratio((n) => perSecond(alone[n]!) / perSecond(apart[n]!)), goal: '<= 2.5' },
    ...latencies,
    { ...compared('CPU for a command, of all processes but the load', 'ms', costOf), ratio: ratio((n) => costOf(apart[n]!) / costOf(alone[n]!)), goal: '<= 2.5' },
    { ...compared('of it, beyond what they use while nobody asks', 'ms', askedCost), ratio: ratio((n) => askedCost(apart[n]!) / askedCost(alone[n]!)) },
    { ...compared('one process of each service: commands; the ratio is the cost of one', '/s', perSecond, single), ratio: ratio((n) => perSecond(alone[n]!) / perSecond(single[n]!)) },
    { ...compared('one process of each service: CPU for a command', 'ms', costOf, single), ratio: ratio((n) => costOf(single[n]!) / costOf(alone[n]!)) },
    ...parts(apart, 'apart'),
    ...parts(single, 'one process of each service'),
    ...parts(alone, 'standalone'),
    compared('asked again after 503, of all commands', '‰', ({ result }) => (result.askedAgain * 1000 * (1 - result.warmUpShare)) / commands(result.done)),
    compared('CPU while nobody asks anything, of all processes', 'cores', ({ idle }) => idle),
  ];
};

export const apart: Bench = {
  name: 'apart',
  about: 'customers’ life cycles through the gateway with every service apart, against the standalone process on engines of the same kind',
  run: async (run) => {
    const instances = run.quick ? 1 : 2;
    const wanted: LoadWanted = { what: 'life-cycles', concurrency: 32, seconds: run.quick ? 10 : 20, insist: true };
    const sides: Sides[] = [];
    for (let n = 0; n < run.repetitions; n++) {
      const apart = await apartSide(run, instances, wanted);
      const single = instances === 1 ? apart : await apartSide(run, 1, wanted);
      sides.push({ apart, single, alone: await standaloneSide(run, wanted) });
    }
    return {
      parameters: { repetitions: run.repetitions, concurrency: wanted.concurrency, seconds: wanted.seconds, 'instances of each service': instances, engines: 'Kafka, MongoDB, SQLite for events, all on the same machine; begun anew for each side', command: 'create, change, lock or delete of a guest' },
      rows: rowsOf(sides),
    };
  },
};
