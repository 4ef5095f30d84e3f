import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progressText } from '@kendt/eventsourcing';
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
}

const killsUntilSeen = 5;
const complaintsShown = 10;

/** Runs one after the other, goes on after a failure, and gives the exit code. `TEST_REPORT` names a file for the counts. */
export const proveAll = async (scenarios: readonly Scenario[], options: ProofOptions): Promise<number> => {
  const runs = scenarios.flatMap((scenario): Run[] => [
    { scenario, sabotage: options.sabotage, kills: options.kills },
    ...(options.proof ? Object.keys(scenario.sabotages).map((sabotage) => ({ scenario, sabotage, kills: killsUntilSeen })) : []),
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

const prove = async ({ scenario, sabotage, kills }: Run, { seed, keep, program }: ProofOptions, signal: AbortSignal): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), `kendt-chaos-${scenario.name}-`));
  const begin = performance.now();
  try {
    const facts = await storm({ scenario, folder, kills, seed, sabotage, program, signal, progress: progressOf(scenario.name, kills, begin) });
    const checked = await scenario.check(facts, folder);
    return judge({ scenario, sabotage, kills }, seed, checked, performance.now() - begin);
  } catch (error) {
    process.stdout.write(`${scenario.name}${sabotage ? ` --sabotage ${sabotage}` : ''}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n  DOES NOT HOLD\n`);
    return false;
  } finally {
    if (keep) process.stdout.write(`  ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
};

/** A sabotage that the checker does not see is as bad as a complaint about code that was left alone. */
const judge = ({ scenario, sabotage, kills }: Run, seed: number, { complaints, figures }: Checked, ms: number): boolean => {
  const counted = Object.entries(figures).map(([what, count]) => `${count.toLocaleString('en')} ${what}`).join(', ');
  const lines = [`${scenario.name}${sabotage ? ` --sabotage ${sabotage}` : ''}: ${kills} kills, seed ${seed}, ${(ms / 1000).toFixed(1)} s: ${counted}`];
  lines.push(...complaints.slice(0, sabotage ? 2 : complaintsShown).map((complaint) => `  ${complaint}`));
  const holds = complaints.length === 0;
  if (sabotage === undefined) lines.push(holds ? `  holds: ${scenario.about}` : `  DOES NOT HOLD: ${complaints.length} complaints`);
  else lines.push(holds ? `  NOT SEEN: ${scenario.sabotages[sabotage]}` : `  seen, as it must be: it ${scenario.sabotages[sabotage]} (${complaints.length} complaints)`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return holds === (sabotage === undefined);
};

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
