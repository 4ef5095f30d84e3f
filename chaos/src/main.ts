import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { progressText } from '@kendt/eventsourcing';
import type { Scenario } from './scenario.js';
import { liveOnce, storm } from './storm.js';

/** Loaded only when it is asked for. */
const scenarios: Readonly<Record<string, () => Promise<Scenario>>> = {
  erasure: async () => (await import('./erasure.scenario.js')).erasureScenario,
};

const usage = `npm run chaos -- <scenario> [--kills N] [--seed S] [--sabotage NAME]

A child process works and is killed with SIGKILL at random moments, N times (25 unless told); then an independent checker
compares what was acknowledged with what is there. Scenarios: ${Object.keys(scenarios).join(', ')}, or all.

--sabotage NAME  breaks the code on purpose; exit code 0 when the checker sees it. --sabotage list names them.
--keep           leaves the folder for looking at.
`;

process.umask(0o077);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '25' }, seed: { type: 'string' }, sabotage: { type: 'string' }, keep: { type: 'boolean', default: false },
    life: { type: 'string' }, folder: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const kills = Number(values.kills);

const runScenario = async (name: string): Promise<boolean> => {
  const scenario = await scenarios[name]!();
  if (values.sabotage === 'list') {
    for (const [sabotage, what] of Object.entries(scenario.sabotages)) process.stdout.write(`${name} --sabotage ${sabotage}: ${what}\n`);
    return true;
  }
  if (values.sabotage !== undefined && !(values.sabotage in scenario.sabotages)) throw new Error(`${name} has no sabotage called ${values.sabotage}; there are ${Object.keys(scenario.sabotages).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), `kendt-chaos-${name}-`));
  const begin = performance.now();
  try {
    const facts = await storm({ scenario, folder, kills, seed, sabotage: values.sabotage, program: import.meta.filename, progress: progressOf(name, begin) });
    const { complaints, figures } = await scenario.check(facts, folder);
    const counted = Object.entries(figures).map(([what, count]) => `${count.toLocaleString('en')} ${what}`).join(', ');
    process.stdout.write(`${name}: ${kills} kills, seed ${seed}, ${Math.round((performance.now() - begin) / 1000)} s: ${counted}\n`);
    for (const complaint of complaints.slice(0, 10)) process.stdout.write(`  ${complaint}\n`);
    if (complaints.length > 10) process.stdout.write(`  … and ${complaints.length - 10} more\n`);
    const holds = complaints.length === 0;
    if (values.sabotage === undefined) process.stdout.write(holds ? `  holds: ${scenario.about}\n` : '  DOES NOT HOLD\n');
    else process.stdout.write(holds ? `  NOT SEEN: ${values.sabotage}\n` : `  seen: ${values.sabotage} (${complaints.length} complaints)\n`);
    return holds === (values.sabotage === undefined);
  } finally {
    if (values.keep) process.stdout.write(`  ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
};

const progressOf = (name: string, begin: number) => {
  const { isTTY } = process.stderr;
  let shownAt = 0;
  return (done: number): void => {
    if (performance.now() - shownAt < (isTTY ? 200 : 10_000)) return;
    shownAt = performance.now();
    const text = `${name}: ${progressText(done, kills, performance.now() - begin)}`;
    process.stderr.write(isTTY ? `\r\x1b[K${text}${done === kills ? '\r\x1b[K' : ''}` : `${text}\n`);
  };
};

const run = async (): Promise<void> => {
  if (values.help) return void process.stdout.write(usage);
  const names = positionals.includes('all') ? Object.keys(scenarios) : positionals;
  if (names.length === 0 || names.some((name) => !(name in scenarios)) || !(kills >= 1)) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  if (values.life !== undefined) return liveOnce(await scenarios[names[0]!]!(), Number(values.life), seed, values.folder!, values.sabotage);
  for (const name of names) if (!(await runScenario(name))) process.exitCode = 1;
};

await run();
