import type { World } from './world.js';

/** What a step has to tell: what was asked, what came back, and figures for those who count. */
export interface Told {
  readonly asked: string;
  readonly answered: string;
  readonly figures?: Readonly<Record<string, number | string>>;
}

/** One moment of the journey, through public interfaces only. Throws {@link NotAsTold} when it goes another way. */
export interface Step {
  readonly name: string;
  readonly title: string;
  readonly play: (world: World) => Promise<Told>;
}

export class NotAsTold extends Error {
  override readonly name = 'NotAsTold';
}

/** @throws NotAsTold with what was seen instead. */
export const expectThat = (truth: boolean, sentence: string, seen?: unknown): void => {
  if (!truth) throw new NotAsTold(seen === undefined ? sentence : `${sentence}; seen instead: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`);
};

/** Asks again every 20 ms until there is an answer. After a SIGKILL a consumer first waits ten seconds for the lease of the dead one. */
export const eventually = async <T>(what: string, ask: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new NotAsTold(`${what} did not happen within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
