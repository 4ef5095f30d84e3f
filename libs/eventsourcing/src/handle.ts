import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '@kendt/kernel';
import { type CommandContext, eventId } from './command-context.js';
import type { Decision } from './decision.js';
import { type Appended, type EventStore, type NewEvent, readAll, RevisionConflict, START, type StoredEvent, type StreamAppend } from './event-store.port.js';
import { lanesOf } from './lanes.js';
import { firstVersion } from './schema-version.js';
import type { Folded } from './state-cache.js';
import { foldStream } from './state.js';

export interface Handled extends Appended {
  /** What was appended, now or when the same command came before. */
  readonly events: readonly NewEvent[];
}

const tries = 3;

/**
 * Fold, decide, append with the revisions just read; on a conflict again, three times in all. Commands of this process that
 * touch the same stream wait for one another, so a conflict means another process.
 */
export const handle = (store: EventStore, decisions: readonly Decision[], context: CommandContext, at: string): Promise<Handled> =>
  lanesOf(store).run([...new Set(decisions.map(({ stream }) => stream))], async () => {
    for (let attempt = 1; ; attempt++) {
      const folded = await Promise.all(decisions.map(({ stream, folding }) => foldStream(store, folding, stream)));
      const before = await recorded(store, decisions, folded, context.commandId);
      if (before.length > 0) return { events: before, position: last(before) };
      const appends = toAppends(decisions, folded, context, at);
      if (appends.length === 0) return { events: [], position: last(folded) };
      try {
        return { events: appends.flatMap(({ events }) => events), ...(await store.append(appends)) };
      } catch (error) {
        await beforeAnotherTry(error, attempt);
      }
    }
  });

/** What the same command has written when it came before. */
const recorded = async (store: EventStore, decisions: readonly Decision[], folded: readonly Folded<unknown>[], commandId: string): Promise<StoredEvent[]> => {
  const streams = new Set(decisions.flatMap(({ stream }, n) => (folded[n]?.commands.mayHold(commandId) ? [stream] : [])));
  const histories = await Promise.all([...streams].map((stream) => readAll(store, stream)));
  return histories.flat().filter(({ metadata }) => metadata.commandId === commandId);
};

const toAppends = (decisions: readonly Decision[], folded: readonly Folded<unknown>[], context: CommandContext, at: string): StreamAppend[] => {
  let index = 0;
  return decisions.flatMap(({ stream, decide }, n) => {
    const { state, revision } = folded[n]!;
    const events = decide(state).map((event): NewEvent => ({ ...event, id: eventId(context.commandId, index++), metadata: metadata(context, at) }));
    return events.length === 0 ? [] : [{ stream, expected: revision < 0 ? ('none' as const) : revision, events }];
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

const last = (places: readonly { readonly position: string }[]): string =>
  places.map(({ position }) => position).sort().at(-1) ?? START;

const shortestPauseMs = 4;

/**
 * Waits a moment, of random length so that two processes do not meet again at once.
 * @throws whatever another try will not mend.
 */
const beforeAnotherTry = async (error: unknown, attempt: number): Promise<void> => {
  if (!wasFaster(error)) throw error;
  if (attempt === tries && isReused(error)) throw error; // not a race: this id stands in another stream
  if (attempt === tries) throw new Refusal('CONCURRENT_CHANGE', 'Somebody else is changing the same thing; try again', 'conflict', { cause: error });
  await sleep(Math.random() * shortestPauseMs * 2 ** attempt);
};

/** Somebody else's command has moved a stream, or this same command is being handled elsewhere at another moment. */
const wasFaster = (error: unknown): boolean => error instanceof RevisionConflict || isReused(error);

const isReused = (error: unknown): boolean => error instanceof Refusal && error.code === 'EVENT_ID_REUSED';
