import type { Told } from './step.js';
import type { Place } from './world.js';

interface ToldStep extends Told {
  readonly number: number;
  readonly name: string;
  readonly title: string;
  readonly ok: boolean;
  readonly ms: number;
}

export interface Teller {
  begin(place: Place, own: boolean): void;
  step(step: ToldStep): void;
  end(steps: number): void;
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

/** For people. */
export const tellStory: Teller = {
  begin: ({ url }, own) => write(`\nOne customer’s journey through ${own ? 'a system of its own, on a temporary folder' : url}\n`),
  step: ({ number, title, ok, ms, asked, answered }) => {
    write(`${String(number).padStart(2)}. ${title}`);
    if (ok) write(`      asked     ${asked}\n      came back ${answered}\n      took      ${Math.round(ms)} ms\n`);
    else write(`      NOT AS TOLD: ${answered}\n`);
  },
  end: (steps) => write(`All ${steps} steps went as told.\n`),
};

/** For programs: one object per step. */
export const tellJson: Teller = {
  begin: () => undefined,
  step: ({ ms, ...step }) => write(JSON.stringify({ ...step, ms: Math.round(ms) })),
  end: () => undefined,
};
