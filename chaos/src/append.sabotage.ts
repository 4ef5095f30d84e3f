import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, randomId, readAll, RevisionConflict, START, type StreamAppend } from '@kendt/eventsourcing';

export const sabotages = {
  'early-answer': 'acknowledges before the commit',
  torn: 'writes an append to several streams in a transaction for each',
  twice: 'appends anew when the same ids come again',
  'write-refused': 'refuses a conflict, but writes it all the same',
  swallow: 'acknowledges what was refused',
};

type Append = EventStore['append'];

const broken: Readonly<Record<keyof typeof sabotages, (store: EventStore) => Append>> = {
  'early-answer': (store) => async (appends) => {
    void sleep(20).then(() => store.append(appends)).catch(() => undefined);
    await sleep(2);
    return { position: START };
  },
  torn: (store) => async (appends) => {
    let position = START;
    for (const append of appends) ({ position } = await store.append([append]));
    return { position };
  },
  twice: (store) => async (appends) => {
    const known = await isKnown(store, appends);
    return store.append(known ? appends.map(({ stream, events }) => ({ stream, expected: 'any', events: events.map((event) => ({ ...event, id: randomId() })) })) : appends);
  },
  'write-refused': (store) => async (appends) => {
    try {
      return await store.append(appends);
    } catch (error) {
      if (error instanceof RevisionConflict) await store.append(appends.map((append) => ({ ...append, expected: 'any' })));
      throw error;
    }
  },
  swallow: (store) => (appends) => store.append(appends).catch(() => ({ position: START })),
};

const isKnown = async (store: EventStore, [first]: readonly StreamAppend[]): Promise<boolean> => {
  const id = first?.events[0]?.id;
  return first !== undefined && (await readAll(store, first.stream)).some((event) => event.id === id);
};

/** The store as it is, or with what this sabotage does to its appends. */
export const sabotaged = (sabotage: string | undefined, store: EventStore): EventStore =>
  sabotage === undefined
    ? store
    : { append: broken[sabotage as keyof typeof sabotages](store), read: (stream, options) => store.read(stream, options), subscribe: (options) => store.subscribe(options), close: () => store.close() };
