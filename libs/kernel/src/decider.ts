/**
 * The rules of one aggregate, as three pure values (Chassaing, "Functional Event Sourcing Decider", 2021).
 * `decide` answers a command with the events that follow from it, or throws a {@link Refusal}.
 * `evolve` must return the state unchanged for an event it does not know: it may come from a later version.
 */
export interface Decider<Command, Event, State> {
  readonly initialState: State;
  readonly decide: (command: Command, state: State) => readonly Event[];
  readonly evolve: (state: State, event: Event) => State;
}

/** The state that a history leads to. */
export const fold = <Event, State>(
  decider: Pick<Decider<never, Event, State>, 'initialState' | 'evolve'>,
  events: Iterable<Event>,
): State => {
  let state = decider.initialState;
  for (const event of events) state = decider.evolve(state, event);
  return state;
};
