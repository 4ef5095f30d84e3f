import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progressText } from '@kendt/eventsourcing';
import { eachFact, keepFacts } from './facts.js';
import { type Checked, type Fact, type Scenario, seeded } from './scenario.js';
import { storm } from './storm.js';

export interface ProofOptions {
  /** Each scenario's own number unless told. */
  readonly times: number | undefined;
  /** A few of them instead. */
  readonly short: boolean;
  readonly seed: number;
  readonly sabotage: string | undefined;
  /** Every sabotage too. */
  readonly proof: boolean;
  readonly keep: boolean;
  readonly program: string;
}

interface Run {
  readonly scenario: Scenario;
  readonly sabotage: string | undefined;
  readonly times: number;
  readonly seed: number;
  /** Once more with another seed, so often, before a sabotage counts as not seen: few kills show most of them, but by chance. */
  readonly rounds: number;
}

const usualTimes = 25;
const fewTimes = 3;
const rounds = 8;
const complaintsShown = 10;

/** Runs one after the other, goes on after a failure, and gives the exit code. `TEST_REPORT` names a file for the counts. */
export const proveAll = async (scenarios: readonly Scenario[], options: ProofOptions): Promise<number> => {
  const runs = scenarios.flatMap((scenario) => runsOf(scenario, options));
  const interrupted = onInterrupt();
  let passed = 0;
  try {
    for (const run of runs) {
      if (await prove(run, options, interrupted)) passed++;
      if (interrupted.aborted) return 130;
    }
  } finally {
    for (const { release } of scenarios) await release?.();
  }
  const report = process.env['TEST_REPORT'];
  if (report) writeFileSync(report, JSON.stringify({ passed, failed: runs.length - passed, skipped: 0, brokenFiles: 0, files: runs.length }));
  return passed === runs.length ? 0 : 1;
};

const runsOf = (scenario: Scenario, { times, short, seed, sabotage, proof }: ProofOptions): Run[] => {
  const few = scenario.short ?? fewTimes;
  return [
    { scenario, sabotage, times: times ?? (short ? few : (scenario.times ?? usualTimes)), seed, rounds: 1 },
    ...(proof ? Object.keys(scenario.sabotages).map((broken) => ({ scenario, sabotage: broken, times: few, seed, rounds })) : []),
  ];
};

/** Ctrl-C: children die, and the folder goes. */
const onInterrupt = (): AbortSignal => {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(new Error('Interrupted')));
  return abort.signal;
};

const prove = async (run: Run, options: ProofOptions, signal: AbortSignal): Promise<boolean> => {
  for (let round = 1; ; round++) {
    const { holds, text } = await once({ ...run, seed: run.seed + round - 1 }, options, signal);
    if (signal.aborted) return false;
    if (!holds && round < run.rounds) continue;
    process.stdout.write(text);
    return holds;
  }
};

interface Verdict {
  readonly holds: boolean;
  readonly text: string;
}

const once = async (run: Run, { keep, program }: ProofOptions, signal: AbortSignal): Promise<Verdict> => {
  const { scenario, seed } = run;
  const folder = mkdtempSync(join(tmpdir(), `kendt-chaos-${scenario.name.replace(':', '-')}-`));
  const begin = performance.now();
  try {
    await scenario.prepare?.(folder);
    await pass(run, folder, program, signal, progressOf(scenario.name, run.times, begin));
    const checked = await ('check' in scenario ? scenario.check([...eachFact(folder)], folder) : scenario.checkEach(eachFact(folder), folder));
    return judge(run, checked, performance.now() - begin);
  } catch (error) {
    return { holds: false, text: `${titleOf(run)}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n  DOES NOT HOLD\n` };
  } finally {
    if (keep) process.stdout.write(`  ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
};

const pass = async ({ scenario, sabotage, times, seed }: Run, folder: string, program: string, signal: AbortSignal, progress: (done: number) => void): Promise<void> => {
  if ('work' in scenario) return storm({ scenario, folder, kills: times, seed, sabotage, program, signal, progress });
  const said: Fact[] = [];
  try {
    await scenario.endure({ folder, times, random: seeded(seed), sabotage, signal, progress, say: (fact) => void said.push(fact) });
  } finally {
    keepFacts(folder, 1, said);
  }
};

/** A sabotage that the checker does not see is as bad as a complaint about code that was left alone. */
const judge = (run: Run, { complaints, figures }: Checked, ms: number): Verdict => {
  const { scenario, sabotage, times, seed } = run;
  const counted = Object.entries(figures).map(([what, count]) => `${count.toLocaleString('en')} ${what}`).join(', ');
  const lines = [`${titleOf(run)}: ${times.toLocaleString('en')} ${scenario.counted ?? 'kills'}, seed ${seed}, ${(ms / 1000).toFixed(1)} s: ${counted}`];
  lines.push(...complaints.slice(0, sabotage ? 2 : complaintsShown).map((complaint) => `  ${complaint}`));
  const clean = complaints.length === 0;
  if (sabotage === undefined) lines.push(clean ? `  holds: ${scenario.about}` : `  DOES NOT HOLD: ${complaints.length} complaints`);
  else lines.push(clean ? `  NOT SEEN: ${scenario.sabotages[sabotage]}` : `  seen, as it must be: it ${scenario.sabotages[sabotage]} (${complaints.length} complaints)`);
  return { holds: clean === (sabotage === undefined), text: `${lines.join('\n')}\n` };
};

const titleOf = ({ scenario, sabotage }: Run): string => (sabotage === undefined ? scenario.name : `${scenario.name} --sabotage ${sabotage}`);

const progressOf = (name: string, times: number, begin: number) => {
  const { isTTY } = process.stderr;
  let shownAt = performance.now();
  return (done: number): void => {
    if (isTTY && done >= times) return void process.stderr.write('\r\x1b[K');
    if (performance.now() - shownAt < (isTTY ? 200 : 10_000)) return;
    shownAt = performance.now();
    const text = `${name}: ${progressText(done, times, performance.now() - begin)}`;
    process.stderr.write(isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  };
};
