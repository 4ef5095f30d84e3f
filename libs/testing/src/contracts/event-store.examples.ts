import { type Appended, deterministicId, type EventBatch, type EventStore, type NewEvent, type Position, readAll, type StoredEvent } from '@kendt/eventsourcing';
import { eventually } from './opened.js';

/** The same word gives the same event id, as the same command does. */
export const event = (word: string, more: Partial<Pick<NewEvent, 'type' | 'data' | 'personal'>> = {}): NewEvent => ({
  id: deterministicId('contract', word),
  type: 'WordSaid',
  data: { word },
  metadata: {
    commandId: deterministicId('command', word),
    correlationId: deterministicId('command', word),
    causationId: deterministicId('command', word),
    actorKind: 'system',
    actorId: 'contract',
    recordedAt: '2026-03-01T09:00:00.000Z',
    schemaVersion: '1',
  },
  ...more,
});

export const many = (count: number, prefix = 'n'): NewEvent[] => Array.from({ length: count }, (_, n) => event(`${prefix}${n}`));

export const words = (events: readonly StoredEvent[]): unknown[] => events.map(({ data }) => (data as { word: string }).word);

export const wordsOf = async (store: EventStore, stream: string): Promise<unknown[]> => words(await readAll(store, stream));

/** Where a store stands now: nothing that a test listens to from here on was there before it. */
export const headOf = async (store: EventStore): Promise<Position> => (await store.append([])).position;

export const say = (store: EventStore, stream: string, ...said: string[]): Promise<Appended> =>
  store.append([{ stream, expected: 'any', events: said.map((word) => event(word)) }]);

/** Everything after a position, read once. */
export const eventsAfter = async (store: EventStore, after: Position, categories: readonly string[] = []): Promise<StoredEvent[]> => {
  const abort = new AbortController();
  const events: StoredEvent[] = [];
  for await (const batch of store.subscribe({ after, categories, signal: abort.signal })) {
    events.push(...batch.events);
    if (batch.caughtUp) abort.abort();
  }
  return events;
};

export interface Listening {
  readonly batches: readonly EventBatch[];
  words(): unknown[];
  /** Waits until the last batch was caught up and this many events have come. */
  until(count: number): Promise<void>;
  stop(): Promise<void>;
}

export const listen = (store: EventStore, after: string, categories: readonly string[] = []): Listening => {
  const abort = new AbortController();
  const batches: EventBatch[] = [];
  const done = (async () => {
    for await (const batch of store.subscribe({ after, categories, signal: abort.signal })) batches.push(batch);
  })();
  const seen = (): StoredEvent[] => batches.flatMap(({ events }) => events);
  return {
    batches,
    words: () => words(seen()),
    until: (count) => eventually(() => seen().length >= count && batches.at(-1)?.caughtUp === true, `${count} events, caught up`),
    stop: async () => {
      abort.abort();
      await done;
    },
  };
};
