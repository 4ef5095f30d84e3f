import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, Run } from './bench.js';
import { progressLine } from './progress.js';
import { keep, table } from './report.js';

/** Loaded only when it is asked for: a bench brings its peer with it. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  rebuild: async () => (await import('./rebuild.bench.js')).rebuildBench,
  append: async () => (await import('./append.bench.js')).append,
  commands: async () => (await import('./commands.bench.js')).commands,
  memory: async () => (await import('./memory.bench.js')).memory,
  'append-latency': async () => (await import('./append-latency.bench.js')).appendLatency,
  growth: async () => (await import('./growth.bench.js')).growth,
  publish: async () => (await import('./publish.bench.js')).publish,
  'publish-lag': async () => (await import('./publish-lag.bench.js')).publishLag,
  'views-mongodb': async () => (await import('./views-mongodb.bench.js')).viewsMongodb,
  consume: async () => (await import('./consume.bench.js')).consume,
  withdrawal: async () => (await import('./withdrawal.bench.js')).withdrawal,
  scan: async () => (await import('./scan.bench.js')).scan,
  start: async () => (await import('./start.bench.js')).start,
  apart: async () => (await import('./apart.bench.js')).apart,
};

const root = dirname(dirname(import.meta.dirname));

const usage = `npm run bench -- <name> [--quick] [--repetitions N] [--profiles N]

Measures, prints a table, and writes bench/results/<name>.json. Names: ${Object.keys(benches).join(', ')}, or all.
Run it on a machine that does nothing else. --quick takes about a minute and writes <name>.quick.json;
so does --profiles, which lets scan read so many instead of a million.
`;

type Wanted = Pick<Run, 'quick' | 'repetitions' | 'profiles'>;

const measure = async (name: string, wanted: Wanted): Promise<void> => {
  const bench = await benches[name]!();
  const scratch = join(root, 'data-bench');
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const line = progressLine(name);
  const run: Run = { ...wanted, folder: () => mkdtempSync(join(scratch, `${name}-`)), progress: line.show };
  try {
    const measured = await bench.run(run);
    line.clear();
    process.stdout.write(`\n${name}: ${bench.about}\n${table(measured)}\nwritten to ${relative(process.cwd(), keep(root, name, wanted.quick || wanted.profiles !== undefined, measured))}\n`);
  } finally {
    line.clear();
    rmSync(scratch, { recursive: true, force: true });
  }
};

const run = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, repetitions: { type: 'string' }, profiles: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const names = positionals.includes('all') ? Object.keys(benches) : positionals;
  if (values.help) return void process.stdout.write(usage);
  const repetitions = Number(values.repetitions ?? (values.quick ? 1 : 5));
  const profiles = values.profiles === undefined ? undefined : Number(values.profiles);
  if (names.length === 0 || names.some((name) => !(name in benches)) || !(repetitions >= 1) || (profiles !== undefined && !(profiles >= 1))) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  for (const name of names) await measure(name, { quick: values.quick, repetitions, ...(profiles !== undefined && { profiles }) });
};

await run();
