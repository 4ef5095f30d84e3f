import { type Decider, fold } from '@kendt/kernel';
import { CommandIds } from './command-ids.js';
import { type EventStore, START, type StoredEvent } from './event-store.port.js';
import { cacheOf, type Folded } from './state-cache.js';
import { mustBeReadable } from './upcasting.js';

/** How a history becomes a state. A constant of its module: states are remembered by it. */
export type Folding<E, S> = Pick<Decider<never, E, S>, 'initialState' | 'evolve'>;

/**
 * The state that a stored history leads to. With {@link foldStream} the one place where stored events are taken for a
 * decider's own: its streams are written through it alone, and it skips what it does not know.
 * @throws Refusal `EVENT_TOO_NEW` when a newer Kendt has written one of them in a shape that this one cannot read.
 */
export const stateOf = <E, S>(decider: Folding<E, S>, history: readonly StoredEvent[]): S => {
  mustBeReadable(history);
  return fold(decider, history as unknown as readonly E[]);
};

/** The state of a stream now; what guards access or money is read like this, never from a view. */
export const readState = async <E, S>(store: Pick<EventStore, 'read'>, folding: Folding<E, S>, stream: string): Promise<S> =>
  (await foldStream(store, folding, stream)).state;

/** Goes on from what is remembered, if anything is: what is newer is always read. */
export const foldStream = async <E, S>(store: Pick<EventStore, 'read'>, folding: Folding<E, S>, stream: string): Promise<Folded<S>> => {
  const cache = cacheOf(store);
  const generation = cache?.generation ?? 0;
  const known = cache?.get<S>(stream, folding) ?? unread(folding);
  const now = await foldNewer(store, folding, stream, known);
  if (now !== known) cache?.put(stream, folding, now, generation);
  return now;
};

const unread = <S>({ initialState }: Folding<never, S>): Folded<S> => ({ state: initialState, revision: -1, position: START, commands: new CommandIds() });

const foldNewer = async <E, S>(store: Pick<EventStore, 'read'>, folding: Folding<E, S>, stream: string, known: Folded<S>): Promise<Folded<S>> => {
  let { state, revision, position } = known;
  for await (const event of store.read(stream, { from: known.revision + 1 })) {
    mustBeReadable([event]);
    state = folding.evolve(state, event as unknown as E);
    ({ revision, position } = event);
    known.commands.add(event.metadata.commandId);
  }
  return revision === known.revision ? known : { ...known, state, revision, position };
};
