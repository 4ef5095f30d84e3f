import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventBatch, Position } from './event-store.port.js';
import { FollowerLoop, type Work } from './follower.loop.js';
import { Overtaken } from './overtaken.js';

const position = (n: number): Position => String(n).padStart(3, '0');
/** A batch, and then nothing more until the end. */
const subscribe = async function* ({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<EventBatch> {
  yield { events: [], position: position(900), caughtUp: true };
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
};

let loop: FollowerLoop | undefined;
afterEach(() => loop?.stop());

const start = (work: Pick<Work, 'begin' | 'take'>): FollowerLoop => {
  const options = { name: 'customers@1', categories: ['customer'], store: { subscribe: subscribe as never } };
  return (loop = new FollowerLoop({ ...work, parkedCount: 0, retryParked: async () => 0 }, options));
};

describe('a loop that another process overtakes again and again', () => {
  it('goes on soon after each time, and tells who waits how far the other one has come', async () => {
    let begun = 0;
    const following = start({ begin: async () => position(++begun), take: () => Promise.reject(new Overtaken()) });
    expect(await following.waitFor(position(20), 4_000)).toBe(true); // waiting twice as long each time it would be a minute and a half
  });

  it('has reached what was done already when it begins', async () => {
    const begun = Promise.withResolvers<Position>();
    const following = start({ begin: () => begun.promise, take: () => new Promise(() => undefined) });
    const reached = following.waitFor(position(5), 60_000);
    begun.resolve(position(5));
    expect(await reached).toBe(true);
    loop = undefined; // its batch is never settled
  });
});
