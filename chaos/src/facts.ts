import { existsSync, mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from './scenario.js';

// A file for each life, so that the parent of a thousand lives holds none of them while it waits.
const fileOf = (folder: string, life: number): string => join(folder, 'facts', `${life}.jsonl`);

export const keepFacts = (folder: string, life: number, facts: readonly Fact[]): void => {
  mkdirSync(join(folder, 'facts'), { recursive: true });
  writeFileSync(fileOf(folder, life), facts.map((fact) => `${JSON.stringify({ ...fact, life })}\n`).join(''));
};

export const factsOf = (folder: string, life: number): Fact[] => (life < 1 ? [] : factsIn(readFileSync(fileOf(folder, life), 'utf8')));

/** Of all lives, in order; one life is in memory at a time. */
export function* eachFact(folder: string): Generator<Fact> {
  for (let life = 1; existsSync(fileOf(folder, life)); life++) yield* factsOf(folder, life);
}

export const factsIn = (text: string): Fact[] => text.split('\n').flatMap((line) => readFact(line) ?? []);

/** The last line of a child may have been cut by the kill. */
const readFact = (line: string): Fact | undefined => {
  try {
    return JSON.parse(line) as Fact;
  } catch {
    return undefined;
  }
};

/** In the child. Waits for a parent that is slow to read; a parent that is gone ends the child (EPIPE). */
export const say = (fact: Fact): void => {
  let rest = Buffer.from(`${JSON.stringify(fact)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
};
