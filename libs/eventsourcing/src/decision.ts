import type { AnyEvent, Decider } from '@kendt/kernel';
import type { Folding } from './state.js';

/** What is to be decided about one stream. Several of them are decided together and appended all or nothing. */
export interface Decision {
  readonly stream: string;
  /** How the history becomes what {@link decide} must know. */
  readonly folding: Folding<never, unknown>;
  readonly decide: (state: unknown) => readonly AnyEvent[];
}

interface TimedCommand {
  readonly at: string;
}

/** Decides by hand what no single command says, on the state that `folding` gives. */
export const deciding = <E, S>(folding: Folding<E, S>, stream: string, decide: (state: S) => readonly AnyEvent[]): Decision => ({
  stream,
  folding: folding as Folding<never, unknown>,
  decide: (state) => decide(state as S), // folded by the line above, whose state it is
});

/** Binds a decider to a stream and the commands for it, decided one after the other. */
export const decision = <C extends TimedCommand, E extends AnyEvent, S>(decider: Decider<C, E, S>, stream: string, ...commands: readonly C[]): Decision =>
  deciding(decider, stream, (before) => {
    let state = before;
    return commands.flatMap((command) => {
      const events = decider.decide(command, state);
      for (const event of events) state = decider.evolve(state, event);
      return events;
    });
  });

/** Decides nothing: refuses the whole command when the state of this stream is not as `check` wants. */
export const provided = <E, S>(folding: Folding<E, S>, stream: string, check: (state: S) => unknown): Decision =>
  deciding(folding, stream, (state) => {
    check(state);
    return [];
  });
