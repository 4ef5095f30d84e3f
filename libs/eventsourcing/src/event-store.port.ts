import type { AnyEvent } from '@kendt/kernel';

/**
 * A place in the order of all events. Opaque, but two of them compare as strings: `a < b` means that a subscriber sees
 * `a` first. Adapters pad to a fixed width so that this holds. {@link START} is before everything.
 */
export type Position = string;
export const START: Position = '';

export type ActorKind = 'customer' | 'staff' | 'client' | 'system';

/** Who asked for it, why and where. Flat strings, so that every store can carry it. Never personal data. */
export interface EventMetadata {
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actorKind: ActorKind;
  readonly actorId: string;
  readonly channel?: string;
  readonly brand?: string;
  /** ISO 8601 UTC. */
  readonly recordedAt: string;
  /** Of this event type, counted from `1`. Written by `upcasting`, which knows today's. */
  readonly schemaVersion: string;
  /** W3C trace context of the request that led to it. */
  readonly traceparent?: string;
}

export interface NewEvent extends AnyEvent {
  /** UUIDv5 of command id and index: the same command gives the same ids, so a retry appends nothing twice. */
  readonly id: string;
  readonly metadata: EventMetadata;
}

export interface StoredEvent extends NewEvent {
  readonly stream: string;
  /** Counted from 0 within the stream. */
  readonly revision: number;
  readonly position: Position;
}

/** `none`: the stream must not exist yet. A number: the revision of its last event. */
export type ExpectedRevision = number | 'none' | 'any';

export interface StreamAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
}

export interface Appended {
  /**
   * Of the last event written; a query that waits for it sees everything that was appended. When nothing was to be
   * appended: of the store's last event, {@link START} while it is empty.
   */
  readonly position: Position;
}

export interface ReadOptions {
  readonly direction?: 'forwards' | 'backwards';
  /** First revision to give, inclusive. Forwards from 0, backwards from the end unless told. */
  readonly from?: number;
  readonly limit?: number;
}

export interface SubscribeOptions {
  /** Exclusive: the position of the last event already handled. */
  readonly after: Position;
  /** The part of a stream's name before its first `-`. Empty: every category. */
  readonly categories: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Some events in order, and how far the subscription has looked: everything up to and including `position` has been
 * given, also where the filter left it out. `caughtUp` is true when nothing was behind it at that moment.
 */
export interface EventBatch {
  readonly events: readonly StoredEvent[];
  readonly position: Position;
  readonly caughtUp: boolean;
}

/**
 * The single source of truth. Streams are `<category>-<key>`; the key never holds personal data.
 *
 * An event that a reader has seen is never preceded later by one with a smaller position.
 */
export interface EventStore {
  /**
   * All or nothing, over one or several streams. The same event ids again give the original answer and append nothing.
   * @throws RevisionConflict when a stream is not at its expected revision.
   * @throws Refusal `APPEND_INVALID` for a bad stream name, an event above 1 MiB, above 500 events or 50 streams;
   *   `EVENT_ID_REUSED` when an id comes back with another content; of kind `busy`, to be tried again with the same ids:
   *   `STORE_BUSY` when too much waits, `STORE_FULL` when there is no room, `APPEND_UNCERTAIN` when the answer was lost.
   */
  append(appends: readonly StreamAppend[]): Promise<Appended>;
  /** A missing stream is empty, not an error. */
  read(stream: string, options?: ReadOptions): AsyncIterable<StoredEvent>;
  /** From history into live, every event once and in order. Ends when `signal` aborts. */
  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch>;
  close(): Promise<void>;
}

export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';

  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    /** -1 when the stream does not exist. */
    readonly actual: number,
  ) {
    super(`Stream ${stream} is at revision ${actual}, not ${expected}`);
  }
}

export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));
export const keyOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);

/** Every event of a stream, in order. */
export const readAll = async (store: Pick<EventStore, 'read'>, stream: string, options?: ReadOptions): Promise<StoredEvent[]> =>
  Array.fromAsync(store.read(stream, options));
