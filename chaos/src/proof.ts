import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progressText } from '@kendt/eventsourcing';
import { eachFact } from './facts.js';
import type { Checked, Scenario } from './scenario.js';
import { storm } from './storm.js';

export interface ProofOptions {
  readonly kills: number;
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
  readonly kills: number;
  readonly seed: number;
  /** Once more with another seed, so often, before a sabotage counts as not seen: few kills show most of them, but by chance. */
  readonly rounds: number;
}

const killsInRound = 3;
const rounds = 8;
const complaintsShown = 10;

/** Runs one after the other, goes on after a failure, and gives the exit code. `TEST_REPORT` names a file for the counts. */
export const proveAll = async (scenarios: readonly Scenario[], options: ProofOptions): Promise<number> => {
  const runs = scenarios.flatMap((scenario): Run[] => [
    { scenario, sabotage: options.sabotage, kills: options.kills, seed: options.seed, rounds: 1 },
    ...(options.proof ? Object.keys(scenario.sabotages).map((sabotage) => ({ scenario, sabotage, kills: killsInRound, seed: options.seed, rounds })) : []),
  ]);
  const interrupted = onInterrupt();
  let passed = 0;
  for (const run of runs) {
    if (await prove(run, options, interrupted)) passed++;
    if (interrupted.aborted) return 130;
  }
  const report = process.env['TEST_REPORT'];
  if (report) writeFileSync(report, JSON.stringify({ passed, failed: runs.length - passed, skipped: 0, brokenFiles: 0, files: runs.length }));
  return passed === runs.length ? 0 : 1;
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
  const { scenario, sabotage, kills, seed } = run;
  const folder = mkdtempSync(join(tmpdir(), `kendt-chaos-${scenario.name}-`));
  const begin = performance.now();
  try {
    await storm({ scenario, folder, kills, seed, sabotage, program, signal, progress: progressOf(scenario.name, kills, begin) });
    const checked = await ('check' in scenario ? scenario.check([...eachFact(folder)], folder) : scenario.checkEach(eachFact(folder), folder));
    return judge(run, checked, performance.now() - begin);
  } catch (error) {
    return { holds: false, text: `${titleOf(run)}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n  DOES NOT HOLD\n` };
  } finally {
    if (keep) process.stdout.write(`  ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
};

/** A sabotage that the checker does not see is as bad as a complaint about code that was left alone. */
const judge = (run: Run, { complaints, figures }: Checked, ms: number): Verdict => {
  const { scenario, sabotage, kills, seed } = run;
  const counted = Object.entries(figures).map(([what, count]) => `${count.toLocaleString('en')} ${what}`).join(', ');
  const lines = [`${titleOf(run)}: ${kills} kills, seed ${seed}, ${(ms / 1000).toFixed(1)} s: ${counted}`];
  lines.push(...complaints.slice(0, sabotage ? 2 : complaintsShown).map((complaint) => `  ${complaint}`));
  const clean = complaints.length === 0;
  if (sabotage === undefined) lines.push(clean ? `  holds: ${scenario.about}` : `  DOES NOT HOLD: ${complaints.length} complaints`);
  else lines.push(clean ? `  NOT SEEN: ${scenario.sabotages[sabotage]}` : `  seen, as it must be: it ${scenario.sabotages[sabotage]} (${complaints.length} complaints)`);
  return { holds: clean === (sabotage === undefined), text: `${lines.join('\n')}\n` };
};

const titleOf = ({ scenario, sabotage }: Run): string => (sabotage === undefined ? scenario.name : `${scenario.name} --sabotage ${sabotage}`);

const progressOf = (name: string, kills: number, begin: number) => {
  const { isTTY } = process.stderr;
  let shownAt = performance.now();
  return (done: number): void => {
    if (isTTY && done >= kills) return void process.stderr.write('\r\x1b[K');
    if (performance.now() - shownAt < (isTTY ? 200 : 10_000)) return;
    shownAt = performance.now();
    const text = `${name}: ${progressText(done, kills, performance.now() - begin)}`;
    process.stderr.write(isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  };
};
