import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Fact, seeded, type Scenario } from './scenario.js';

export interface StormOptions {
  readonly scenario: Scenario;
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  readonly sabotage: string | undefined;
  /** The file that runs {@link liveOnce} when it is given `--life`. */
  readonly program: string;
  readonly progress: (kills: number) => void;
}

const shortestLifeMs = 5;
const longestLifeMs = 250;
const readyWithinMs = 30_000;

/** Starts the child, kills it at a random moment, starts it again: `kills` times. Gives everything it said. */
export const storm = async (options: StormOptions): Promise<Fact[]> => {
  const random = seeded(options.seed);
  const facts: Fact[] = [];
  for (let life = 1; life <= options.kills; life++) {
    await liveAndDie(options, life, shortestLifeMs + random() * (longestLifeMs - shortestLifeMs), facts);
    options.progress(life);
  }
  return facts;
};

const liveAndDie = ({ scenario, folder, seed, sabotage, program }: StormOptions, life: number, ms: number, facts: Fact[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const args = [program, scenario.name, '--life', String(life), '--seed', String(seed), '--folder', folder, ...(sabotage ? ['--sabotage', sabotage] : [])];
    const child = spawn(process.execPath, ['--enable-source-maps', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [errors, killed] = ['', false];
    const kill = (): void => {
      killed = true;
      child.kill('SIGKILL');
    };
    const late = setTimeout(() => (child.kill('SIGKILL'), reject(new Error(`Life ${life} was not ready within ${readyWithinMs} ms: ${errors}`))), readyWithinMs);
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const fact = readFact(line);
      if (!fact) return;
      if (fact.is === 'ready') {
        clearTimeout(late);
        setTimeout(kill, ms);
      } else facts.push({ ...fact, life });
    });
    child.once('close', () => {
      clearTimeout(late);
      if (killed) resolve();
      else reject(new Error(`Life ${life} ended by itself: ${errors}`));
    });
  });

/** The last line may have been cut by the kill. */
const readFact = (line: string): Fact | undefined => {
  try {
    return JSON.parse(line) as Fact;
  } catch {
    return undefined;
  }
};

/** In the child. */
export const liveOnce = async (scenario: Scenario, number: number, seed: number, folder: string, sabotage: string | undefined): Promise<void> => {
  const say = (fact: Fact): void => void writeSync(1, `${JSON.stringify(fact)}\n`);
  await scenario.work({ folder, number, sabotage, random: seeded(seed * 1_000_003 + number), say });
};
