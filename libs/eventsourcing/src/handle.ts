import { type AnyEvent, type Decider, Refusal } from '@kendt/kernel';
import { type CommandContext, eventId } from './command-context.js';
import { type Appended, type EventStore, type NewEvent, readAll, RevisionConflict, START, type StoredEvent, type StreamAppend } from './event-store.port.js';
import { firstVersion } from './schema-version.js';
import { stateOf } from './state.js';

/** One command to one stream. Several of them are decided together and appended all or nothing. */
export interface Decision {
  readonly stream: string;
  readonly decide: (history: readonly StoredEvent[]) => readonly AnyEvent[];
}

interface TimedCommand {
  readonly at: string;
}

/** Binds a decider to a stream and the commands for it, decided one after the other. */
export const decision = <C extends TimedCommand, E extends AnyEvent, S>(
  decider: Decider<C, E, S>,
  stream: string,
  ...commands: readonly C[]
): Decision => ({
  stream,
  decide: (history) => {
    let state = stateOf(decider, history);
    return commands.flatMap((command) => {
      const events = decider.decide(command, state);
      for (const event of events) state = decider.evolve(state, event);
      return events;
    });
  },
});

/** Decides nothing: refuses the whole command when the state of this stream is not as `check` wants. */
export const provided = <E, S>(
  decider: Pick<Decider<never, E, S>, 'initialState' | 'evolve'>,
  stream: string,
  check: (state: S) => unknown,
): Decision => ({
  stream,
  decide: (history) => {
    check(stateOf(decider, history));
    return [];
  },
});

export interface Handled extends Appended {
  /** What was appended, now or when the same command came before. */
  readonly events: readonly AnyEvent[];
}

const tries = 3;

/** Read, fold, decide, append with the revisions just read; on a conflict again, three times in all. */
export const handle = async (store: EventStore, decisions: readonly Decision[], context: CommandContext, at: string): Promise<Handled> => {
  for (let attempt = 1; ; attempt++) {
    const histories = await Promise.all(decisions.map(({ stream }) => readAll(store, stream)));
    const before = histories.flat().filter((event) => event.metadata.commandId === context.commandId);
    if (before.length > 0) return { events: before, position: before.map((event) => event.position).sort().at(-1) ?? START };
    const appends = toAppends(decisions, histories, context, at);
    if (appends.length === 0) return { events: [], position: lastPosition(histories) };
    try {
      return { events: appends.flatMap((append) => append.events), ...(await store.append(appends)) };
    } catch (error) {
      if (!wasFaster(error)) throw error;
      if (attempt === tries && isReused(error)) throw error; // not a race: this id stands in another stream
      if (attempt === tries) throw new Refusal('CONCURRENT_CHANGE', 'Somebody else is changing the same thing; try again', 'conflict', { cause: error });
    }
  }
};

/** Somebody else's command has moved a stream, or this same command is being handled elsewhere at another moment. */
const wasFaster = (error: unknown): boolean => error instanceof RevisionConflict || isReused(error);

const isReused = (error: unknown): boolean => error instanceof Refusal && error.code === 'EVENT_ID_REUSED';

const toAppends = (decisions: readonly Decision[], histories: readonly StoredEvent[][], context: CommandContext, at: string): StreamAppend[] => {
  let index = 0;
  return decisions.flatMap(({ stream, decide }, n) => {
    const history = histories[n] ?? [];
    const events = decide(history).map((event): NewEvent => ({ ...event, id: eventId(context.commandId, index++), metadata: metadata(context, at) }));
    return events.length === 0 ? [] : [{ stream, expected: history.at(-1)?.revision ?? ('none' as const), events }];
  });
};

const metadata = (context: CommandContext, at: string): NewEvent['metadata'] => ({
  commandId: context.commandId,
  correlationId: context.correlationId ?? context.commandId,
  causationId: context.causationId ?? context.commandId,
  actorKind: context.actor.kind,
  actorId: context.actor.id,
  ...(context.channel && { channel: context.channel }),
  ...(context.brand && { brand: context.brand }),
  ...(context.traceparent && { traceparent: context.traceparent }),
  recordedAt: at,
  schemaVersion: firstVersion, // the store writes today's, see upcasting
});

const lastPosition = (histories: readonly StoredEvent[][]): string =>
  histories.map((history) => history.at(-1)?.position ?? START).sort().at(-1) ?? START;
