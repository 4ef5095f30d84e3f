import { Refusal, upcast, type Upcasters } from '@kendt/kernel';
import type { EventStore, StoredEvent, StreamAppend } from './event-store.port.js';
import { schemaVersionOf } from './schema-version.js';

/**
 * Shows every event in today's shape, whatever version it was written with, and writes today's version to each. Stands outside
 * {@link sealing}: a step changes what is opened, and ciphertexts have no fields.
 *
 * A type that is not known passes as it is, and deciders skip it. A known type of a higher version passes too, so that it can be
 * counted, ordered and parked, but whoever asks for its content is refused with `EVENT_TOO_NEW`: guessing at its fields could
 * give access or lose a consent. So a command is refused, and a follower parks the event until its process is updated.
 */
export const upcasting = (store: EventStore, upcasters: Upcasters): EventStore => ({
  append: (appends) => store.append(appends.map((append) => stamped(append, upcasters))),
  async *read(stream, options) {
    for await (const event of store.read(stream, options)) yield inTodaysShape(event, upcasters);
  },
  async *subscribe(options) {
    for await (const batch of store.subscribe(options)) yield { ...batch, events: batch.events.map((event) => inTodaysShape(event, upcasters)) };
  },
  close: () => store.close(),
});

/** @throws Refusal `EVENT_TOO_NEW`, where a decision would otherwise be built on events that it can only half understand. */
export const mustBeReadable = (history: readonly StoredEvent[]): void => {
  for (const event of history) void event.data;
};

const stamped = (append: StreamAppend, upcasters: Upcasters): StreamAppend => ({
  ...append,
  events: append.events.map((event) => {
    const version = schemaVersionOf(event.type, upcasters);
    return version === undefined ? event : { ...event, metadata: { ...event.metadata, schemaVersion: String(version) } };
  }),
});

export const inTodaysShape = (event: StoredEvent, upcasters: Upcasters): StoredEvent => {
  const today = schemaVersionOf(event.type, upcasters);
  const version = Number(event.metadata.schemaVersion);
  if (today === undefined || version === today) return event;
  if (!Number.isInteger(version) || version < 1 || version > today) return unreadable(event);
  return { ...event, ...upcast(event, version, upcasters), metadata: { ...event.metadata, schemaVersion: String(today) } };
};

const unreadable = (event: StoredEvent): StoredEvent => {
  const get = (): never => {
    throw tooNew(event);
  };
  const closed = { ...event };
  Object.defineProperty(closed, 'data', { get, enumerable: true });
  if (event.personal) Object.defineProperty(closed, 'personal', { get, enumerable: true });
  return closed;
};

const tooNew = ({ type, stream, revision, metadata }: StoredEvent): Refusal =>
  new Refusal('EVENT_TOO_NEW', 'A newer version of Kendt wrote this; this process must be updated first', 'busy', {
    cause: `${type}, revision ${revision} of ${stream}, has schema version ${metadata.schemaVersion}`,
  });
