import { type ChildProcess, spawn } from 'node:child_process';
import { factsIn, factsOf, keepFacts, say } from './facts.js';
import { type Fact, seeded, type Storm } from './scenario.js';

export interface StormOptions {
  readonly scenario: Pick<Storm, 'name' | 'processes' | 'killedWhileStarting' | 'longestLifeMs'>;
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  readonly sabotage?: string | undefined;
  /** The file that runs {@link liveOnce} when it is given `--life`. */
  readonly program: string;
  /** Of node, for that file. */
  readonly nodeOptions?: readonly string[];
  readonly progress: (kills: number) => void;
  /** Ends the storm, and every child at once. */
  readonly signal?: AbortSignal;
}

const shortestLifeMs = 5;
const usualLongestLifeMs = 250;
const longestStartMs = 120;
const readyWithinMs = 30_000;

/** When to kill: so long after it was ready, or so long after it was started. */
interface Fate {
  readonly process: number;
  readonly after: 'ready' | 'start';
  readonly ms: number;
}

/** Starts the child, kills it at a random moment, starts it again: `kills` times. What it says is kept in the folder, see `eachFact`. */
export const storm = async (options: StormOptions): Promise<void> => {
  const random = seeded(options.seed);
  let [kills, life] = [0, 0];
  while (kills < options.kills) {
    const fates = fatesOf(options, random, options.kills - kills);
    life++;
    const said: Fact[] = [];
    const lives = await Promise.allSettled(fates.map((fate) => liveAndDie(options, life, fate, said)));
    options.signal?.throwIfAborted();
    keepFacts(options.folder, life, said);
    for (const one of lives) if (one.status === 'rejected') throw one.reason;
    kills += fates.length;
    options.progress(kills);
  }
};

const fatesOf = ({ scenario: { processes = 1, killedWhileStarting = false, longestLifeMs = usualLongestLifeMs } }: StormOptions, random: () => number, left: number): Fate[] => {
  const together = Math.min(left, random() < 0.5 ? 1 : 1 + Math.floor(random() * processes));
  return Array.from({ length: together }, (_, process) =>
    killedWhileStarting && random() < 0.1
      ? { process, after: 'start', ms: random() * longestStartMs }
      : { process, after: 'ready', ms: shortestLifeMs + random() * (longestLifeMs - shortestLifeMs) },
  );
};

const liveAndDie = (options: StormOptions, life: number, { process, after, ms }: Fate, said: Fact[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = start(options, life, process);
    let [rest, errors, killed] = ['', '', false];
    const kill = (): void => {
      killed = true;
      child.kill('SIGKILL');
    };
    const late = setTimeout(() => child.kill('SIGKILL'), readyWithinMs);
    let end = after === 'start' ? setTimeout(kill, ms) : undefined;
    options.signal?.addEventListener('abort', kill, { once: true });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (errors = (errors + chunk).slice(-4000)));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const text = rest + chunk;
      rest = text.slice(text.lastIndexOf('\n') + 1);
      for (const fact of factsIn(text.slice(0, text.length - rest.length))) {
        if (fact.is !== 'ready') said.push({ ...fact, process });
        else if (after === 'ready') end ??= setTimeout(kill, ms);
        clearTimeout(late);
      }
    });
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(late);
      clearTimeout(end);
      options.signal?.removeEventListener('abort', kill);
      if (killed) resolve();
      else reject(new Error(`Life ${life} ${end ? 'ended by itself' : `was not ready within ${readyWithinMs / 1000} s, or ended before`}:\n${errors.trim() || 'it said nothing on stderr'}`));
    });
  });

const start = ({ scenario, folder, seed, sabotage, program, nodeOptions = ['--enable-source-maps'] }: StormOptions, life: number, number: number): ChildProcess => {
  const args = [scenario.name, '--life', String(life), '--process', String(number), '--seed', String(seed), '--folder', folder, ...(sabotage ? ['--sabotage', sabotage] : [])];
  return spawn(process.execPath, [...nodeOptions, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
};

export interface LifeOptions {
  readonly folder: string;
  readonly life: number;
  readonly process: number;
  readonly seed: number;
  readonly sabotage: string | undefined;
}

/** In the child. */
export const liveOnce = (scenario: Pick<Storm, 'work'>, { folder, life, process, seed, sabotage }: LifeOptions): Promise<void> =>
  scenario.work({ folder, number: life, process, sabotage, random: seeded(seed * 1_000_003 + life * 7 + process), before: () => factsOf(folder, life - 1), say });
