import { Refusal } from '@kendt/kernel';

const mostWaiting = 5000;
const longestMs = 10_000;

interface LaneOptions {
  readonly most?: number;
  /** Work that takes longer does not hold up the next any more. */
  readonly longest?: number;
}

/**
 * Turns for work that touches the same streams, in one process and in the order of arrival. It is a courtesy that spares
 * conflicts, never a lock: what must not go wrong is guarded by the expected revisions of the append.
 *
 * Whoever comes waits for the last one on each of their streams and becomes the last one there, all in one step. Nobody ever
 * waits for somebody who came later, so there is no circle to be stuck in.
 */
export class Lanes {
  readonly #last = new Map<string, Promise<void>>();
  #waiting = 0;

  constructor(private readonly options: LaneOptions = {}) {}

  /** @throws Refusal `STORE_BUSY` when too many wait already. */
  async run<T>(streams: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = streams.flatMap((stream) => this.#last.get(stream) ?? []);
    if (before.length > 0 && this.#waiting >= (this.options.most ?? mostWaiting)) throw new Refusal('STORE_BUSY', 'Too many are changing the same thing; try again', 'busy');
    const { promise: through, resolve } = Promise.withResolvers<void>();
    for (const stream of streams) this.#last.set(stream, through);
    if (before.length > 0) await this.#wait(before);
    const late = setTimeout(resolve, this.options.longest ?? longestMs).unref();
    try {
      return await work();
    } finally {
      clearTimeout(late);
      resolve();
      for (const stream of streams) if (this.#last.get(stream) === through) this.#last.delete(stream);
    }
  }

  async #wait(before: readonly Promise<void>[]): Promise<void> {
    this.#waiting += 1;
    await Promise.all(before);
    this.#waiting -= 1;
  }
}

const lanes = new WeakMap<object, Lanes>();

/** One set of lanes for each store of a process. */
export const lanesOf = (store: object): Lanes => {
  const found = lanes.get(store) ?? new Lanes();
  lanes.set(store, found);
  return found;
};
