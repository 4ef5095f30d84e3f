import { type Decider, fold } from '@kendt/kernel';
import { type EventStore, readAll, type StoredEvent } from './event-store.port.js';
import { mustBeReadable } from './upcasting.js';

type Folding<E, S> = Pick<Decider<never, E, S>, 'initialState' | 'evolve'>;

/**
 * The state that a stored history leads to. The one place where stored events are taken for a decider's own: its streams are
 * written through it alone, and it skips what it does not know.
 * @throws Refusal `EVENT_TOO_NEW` when a newer Kendt has written one of them in a shape that this one cannot read.
 */
export const stateOf = <E, S>(decider: Folding<E, S>, history: readonly StoredEvent[]): S => {
  mustBeReadable(history);
  return fold(decider, history as unknown as readonly E[]);
};

/** The state of a stream now; what guards access or money is read like this, never from a view. */
export const readState = async <E, S>(store: Pick<EventStore, 'read'>, decider: Folding<E, S>, stream: string): Promise<S> =>
  stateOf(decider, await readAll(store, stream));
