import { categoryOf, type EventText, type Position, refuseReusedId, sameEvent, type StreamText } from '@kendt/eventsourcing';
import { toPosition } from './event-rows.js';
import type { DriverError } from './store-problems.js';

// What goes to the writer's thread and comes back; the other half of event-writer.mjs.

type KnownRow = EventText & { readonly position: number; readonly stream: string };

/** See the types in event-writer.mjs. */
export type Outcome =
  | number
  | { readonly known: readonly (readonly [field: number, row: KnownRow])[] }
  | { readonly conflict: number; readonly actual: number }
  | { readonly failed: DriverError };

export type Field = string | number | null;

const streamFields = 4;
const eventFields = 5;

export const addAppend = (chunk: Field[], texts: readonly StreamText[]): void => {
  const head = chunk.push(0, 0) - 2;
  let count = 0;
  for (const { stream, expected, events } of texts) {
    chunk.push(stream, categoryOf(stream), expected === 'none' ? -1 : expected === 'any' ? -2 : expected, events.length);
    for (const { id, type, metadata, data, personal } of events) chunk.push(id, type, metadata, data, personal);
    count += events.length;
  }
  chunk[head] = chunk.length - head - 2;
  chunk[head + 1] = count;
};

export const streamAt = (texts: readonly StreamText[], field: number): number => {
  let at = 0;
  return texts.findIndex(({ events }) => {
    const found = at === field;
    at += streamFields + eventFields * events.length;
    return found;
  });
};

/** The events of an append by the field where each begins. */
const eventsByField = (texts: readonly StreamText[]): Map<number, { readonly stream: string; readonly event: EventText }> => {
  const found = new Map<number, { stream: string; event: EventText }>();
  let at = 0;
  for (const { stream, events } of texts) {
    at += streamFields;
    for (const event of events) {
      found.set(at, { stream, event });
      at += eventFields;
    }
  }
  return found;
};

/** The position that was given when some of these ids came before. */
export const samePosition = (texts: readonly StreamText[], known: readonly (readonly [number, KnownRow])[]): Position => {
  const given = eventsByField(texts);
  const positions = known.map(([field, row]) => {
    const { stream, event } = given.get(field)!;
    return sameEvent(row, event, stream) ? row.position : refuseReusedId();
  });
  return toPosition(Math.max(...positions));
};
