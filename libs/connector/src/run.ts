import { setTimeout as sleep } from 'node:timers/promises';
import { follow, type Following, type FollowingContext, retryParked } from './following.js';
import type { TopicTransport } from './transport.port.js';

const isAbort = (error: unknown): boolean => (error as Partial<Error> | undefined)?.name === 'AbortError';
const unlessAborted = (error: unknown): void => {
  if (!isAbort(error)) throw error;
};

/** Follows one kind of topic until told to stop. */
export const runFollowing = async (following: Following, group: string, transport: TopicTransport, context: FollowingContext, signal: AbortSignal): Promise<void> =>
  transport
    .consume({ topics: following.topics, group, signal, handle: (message) => follow(following, context, message, signal) })
    .catch((error: unknown) => {
      // A handler that waits for its next try is woken by the stop; its message comes again.
      if (!signal.aborted) throw error;
      unlessAborted(error);
    });

/** One round over everything that waits, in order; behind a message that fails again, its customer's others stay. */
export const retryRound = async (followings: readonly Following[], transport: TopicTransport, context: FollowingContext): Promise<void> => {
  const stuck = new Set<string>();
  for (const parked of context.parking.list()) {
    const lane = `${parked.following}/${parked.key}`;
    const following = followings.find(({ name }) => name === parked.following);
    if (!following || stuck.has(lane)) continue;
    if (!(await retryParked(following, context, parked, await transport.read(parked)))) stuck.add(lane);
  }
};

/** Something again and again, with a pause before each time, until told to stop. */
export const every = async (ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
  while (!signal.aborted) {
    await sleep(ms, undefined, { signal, ref: false }).catch(unlessAborted);
    if (!signal.aborted) await work();
  }
};
