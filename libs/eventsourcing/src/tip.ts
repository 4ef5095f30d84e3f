import { type EventStore, type Position, START } from './event-store.port.js';

/** Where the log ends now: a subscription to a category that nobody uses has nothing to give but that. */
export const tipOf = async (store: Pick<EventStore, 'subscribe'>, after: Position = START): Promise<Position> => {
  const enough = new AbortController();
  let position = after;
  for await (const batch of store.subscribe({ after, categories: ['tip'], signal: enough.signal })) {
    position = batch.position;
    if (batch.caughtUp) break;
  }
  enough.abort();
  return position;
};

/**
 * How many events lie between two positions, those of other categories as well. `undefined` where positions do not count
 * events: then nobody can say without reading them.
 */
export const eventsBetween = (from: Position, to: Position): number | undefined => {
  if (!/^\d*$/.test(from) || !/^\d*$/.test(to)) return undefined;
  return Math.max(0, Number(to) - Number(from));
};
