import { setTimeout as sleep } from 'node:timers/promises';
import { type Apart, type Instance, services } from '@kendt/apart';
import { type Bench, median, type Row, type Run } from './bench.js';
import { onEngines } from './engines.js';
import { type Memory, memoryOf } from './process-figures.js';

const restSeconds = 5;

interface Started extends Memory {
  readonly seconds: number;
}

/** One process alone, from nothing: the others are down. */
const startAlone = async (instance: Instance): Promise<Started> => {
  await instance.start();
  const seconds = instance.readyInMs! / 1000;
  await sleep(restSeconds * 1000);
  const memory = memoryOf(instance.pid!);
  await instance.stop();
  return { seconds, ...memory };
};

const aloneRows = (service: string, starts: readonly Started[]): Row[] => [
  { case: `${service}, start to ready`, value: median(starts.map(({ seconds }) => seconds)), unit: 's', goal: '< 2' },
  { case: `${service} at rest, resident`, value: median(starts.map(({ residentMb }) => residentMb)), unit: 'MB', goal: '< 120' },
  { case: `${service} at rest, its share of what others hold too`, value: median(starts.map(({ shareMb }) => shareMb)), unit: 'MB' },
];

const togetherRows = (instances: readonly Instance[]): Row[] => {
  const memories = instances.map(({ pid }) => memoryOf(pid!));
  const total = (of: (memory: Memory) => number): number => memories.reduce((sum, memory) => sum + of(memory), 0);
  const what = `all ${instances.length} processes at once, at rest`;
  return [
    { case: `${what}, the largest, resident`, value: Math.max(...memories.map(({ residentMb }) => residentMb)), unit: 'MB', goal: '< 120' },
    { case: `${what}, together, each page once`, value: total(({ shareMb }) => shareMb), unit: 'MB' },
  ];
};

const measure = async (run: Run, { instances }: Apart): Promise<Row[]> => {
  run.progress('all at rest');
  await sleep(restSeconds * 1000);
  const together = togetherRows(instances);
  await Promise.all(instances.map((instance) => instance.stop()));
  const rows: Row[] = [];
  for (const { name } of services) {
    const instance = instances.find(({ options }) => options.service === name)!;
    const starts: Started[] = [];
    for (let n = 0; n < run.repetitions; n++) {
      run.progress(name, n, run.repetitions);
      starts.push(await startAlone(instance));
    }
    rows.push(...aloneRows(name, starts));
  }
  return [...rows, ...together];
};

export const start: Bench = {
  name: 'start',
  about: 'how long a service takes until it is ready, and how much memory it holds then, against engines that run already',
  run: async (run) => ({
    parameters: { repetitions: run.repetitions, 'at rest': `${restSeconds} s after it was ready, as the kernel counts it`, instances: run.quick ? 1 : 2, engines: 'Kafka, MongoDB, SQLite for events' },
    rows: await onEngines(run, { instances: run.quick ? 1 : 2, env: { DRAIN_SECONDS: '0' } }, (apart) => measure(run, apart)),
  }),
};
