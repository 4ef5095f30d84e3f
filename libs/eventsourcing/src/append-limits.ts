import { Refusal } from '@kendt/kernel';
import type { NewEvent, StreamAppend } from './event-store.port.js';

const streamName = /^[a-z]+-[A-Za-z0-9_.-]{1,128}$/;
const maxEventBytes = 1024 * 1024;
const maxEvents = 500;
const maxStreams = 50;

// The message never repeats what was given: a bad stream name may be somebody's e-mail address.
const invalid = (detail: string, cause?: unknown): Refusal => new Refusal('APPEND_INVALID', detail, 'invalid', { cause });

/** An event as stores keep it: JSON texts, made once, so that the limit and the disk see the same bytes. */
export interface EventText {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly personal: string | null;
  readonly metadata: string;
}

export interface StreamText extends Pick<StreamAppend, 'stream' | 'expected'> {
  readonly events: readonly EventText[];
}

/**
 * What every store checks before it writes anything, the same way. Entries without events fall away.
 * @throws Refusal `APPEND_INVALID`
 */
export const checkAppends = (appends: readonly StreamAppend[]): StreamText[] => {
  if (appends.some(({ stream }) => !streamName.test(stream))) throw invalid(`A stream name must match ${streamName.source}`);
  const written = appends.filter(({ events }) => events.length > 0);
  const events = written.flatMap((append) => append.events);
  if (written.length > maxStreams) throw invalid(`At most ${maxStreams} streams in one append`);
  if (events.length > maxEvents) throw invalid(`At most ${maxEvents} events in one append`);
  if (new Set(written.map(({ stream }) => stream)).size < written.length) throw invalid('A stream may stand only once in an append');
  if (new Set(events.map(({ id }) => id)).size < events.length) throw invalid('An event id may stand only once in an append');
  return written.map((append) => ({ stream: append.stream, expected: append.expected, events: append.events.map(toText) }));
};

const toText = (event: NewEvent): EventText => {
  if (!event.id || !event.type) throw invalid('An event needs an id and a type');
  const text = { id: event.id, type: event.type, data: json(event.data), personal: event.personal ? json(event.personal) : null, metadata: json(event.metadata) };
  const bytes = Buffer.byteLength(text.data) + Buffer.byteLength(text.personal ?? '') + Buffer.byteLength(text.metadata);
  if (bytes > maxEventBytes) throw invalid(`An event may have at most ${maxEventBytes} bytes`);
  return text;
};

const json = (value: object): string => {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw invalid('An event must be JSON', cause);
  }
};

/**
 * Whether an id that comes back means the same event. Metadata is left out (a retry has another time and trace), and of
 * `personal` only the group names count: sealing the same words twice gives different bytes.
 */
export const sameEvent = (kept: EventText & { stream: string }, given: EventText, stream: string): boolean =>
  kept.stream === stream && kept.type === given.type && canonical(kept.data) === canonical(given.data) && groups(kept.personal) === groups(given.personal);

const canonical = (text: string): string =>
  JSON.stringify(JSON.parse(text), (_, value: unknown) =>
    value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );

const groups = (personal: string | null): string => (personal === null ? '' : Object.keys(JSON.parse(personal) as object).sort().join());

/** @throws Refusal `EVENT_ID_REUSED` */
export const refuseReusedId = (): never => {
  throw new Refusal('EVENT_ID_REUSED', 'This event id was used before, for another event', 'conflict');
};
