import { keyOf, type StoredEvent } from '@kendt/eventsourcing';
import { type EventRow, toStored } from './event-rows.js';
import { StreamEnds } from './stream-ends.js';

/** The end of the log, as a reader sees it at this moment. */
export interface EndOfLog {
  /** Number of the last event of all. */
  last(): number;
  /** The next events behind a number, in order; fewer than `batch` when there are no more. */
  behind(number: number): readonly EventRow[];
  readonly batch: number;
}

/** All events of one stream from a revision on. */
interface Kept {
  readonly first: number;
  /** As rows until somebody wants them: most are never read again. */
  readonly events: (EventRow | StoredEvent)[];
}

/** The streams of one customer, claim, case … */
interface Owner {
  /** Every stream that there is, each from its start. */
  readonly whole: boolean;
  readonly streams: Map<string, Kept>;
  bytes: number;
}

const mostBytes = 8 * 1024 * 1024;
const mostOwners = 10_000;
/** An event in memory, beside its texts. */
const overhead = 600;
/** Who is further behind than so many batches begins anew. */
const mostBatches = 4;

/**
 * The newest events of whoever was read or written a moment ago: what follows from an event, and the next command, read the
 * same streams again. A shortcut and never the truth: each look first takes in whatever stands in the log behind what is
 * known here, whoever wrote it. That is one step to the end of the table, where looking up a stream is many.
 *
 * Events never change once they are written. They are kept as they are stored, so what is sealed stays sealed.
 */
export class RecentEvents {
  /** By the key of their streams; who moved last comes last. */
  readonly #owners = new Map<string, Owner>();
  readonly #ends = new StreamEnds();
  #bytes = 0;
  #upTo: number | undefined;
  #isCaughtUp = false;

  constructor(private readonly log: EndOfLog) {}

  /** The events of a stream from a revision on; `undefined` when they have to be looked up. */
  from(stream: string, revision: number, limit: number): StoredEvent[] | undefined {
    this.#catchUp();
    if (this.#ends.isBehind(stream, revision)) return [];
    const owner = this.#owners.get(keyOf(stream));
    const kept = owner?.streams.get(stream);
    if (kept && kept.first <= revision) return this.#read(kept, stream, revision - kept.first, limit);
    return owner?.whole && !kept ? [] : undefined;
  }

  /** What was looked up after {@link from}: all there is of a stream from a revision on. */
  keep(stream: string, first: number, rows: readonly EventRow[], events: readonly StoredEvent[]): void {
    const owner = this.#taken(keyOf(stream)) ?? { whole: false, streams: new Map<string, Kept>(), bytes: overhead };
    owner.streams.set(stream, { first, events: [...events] });
    this.#ends.put(stream, first + events.length);
    owner.bytes += rows.reduce((sum, row) => sum + bytesOf(row), overhead);
    this.#put(keyOf(stream), owner);
  }

  /** What was looked up after {@link from}: all there is of all streams with this key. */
  keepWhole(key: string, rows: readonly EventRow[]): void {
    this.#taken(key);
    const owner: Owner = { whole: true, streams: new Map(), bytes: overhead };
    if (!rows.every((row) => follows(owner, row))) return;
    this.#put(key, owner);
    for (const [stream, { first, events }] of owner.streams) this.#ends.put(stream, first + events.length);
  }

  /** One that is damaged is not kept: whoever looks it up is told. */
  #read({ events }: Kept, stream: string, start: number, limit: number): StoredEvent[] | undefined {
    const found: StoredEvent[] = [];
    for (let n = start; n < Math.min(events.length, start + limit); n++) {
      const kept = events[n]!;
      const event = isRow(kept) ? readable(kept) : kept;
      if (!event) return void this.#taken(keyOf(stream));
      found.push((events[n] = event));
    }
    return found;
  }

  /** What others write meanwhile, nobody in this process can know before it comes to another task. */
  #catchUp(): void {
    if (this.#isCaughtUp) return;
    this.#isCaughtUp = true;
    queueMicrotask(() => (this.#isCaughtUp = false));
    this.#upTo ??= this.log.last();
    for (let batch = 0; batch < mostBatches; batch++) {
      const rows = this.log.behind(this.#upTo);
      for (const row of rows) this.#take(row);
      this.#upTo = rows.at(-1)?.position ?? this.#upTo;
      if (rows.length < this.log.batch) return;
    }
    this.#owners.clear();
    this.#ends.clear();
    [this.#bytes, this.#upTo] = [0, this.log.last()];
  }

  #take(row: EventRow): void {
    this.#ends.put(row.stream, row.revision + 1);
    const key = keyOf(row.stream);
    const owner = this.#taken(key) ?? { whole: false, streams: new Map<string, Kept>(), bytes: overhead };
    if (follows(owner, row)) this.#put(key, owner);
  }

  #taken(key: string): Owner | undefined {
    const owner = this.#owners.get(key);
    this.#owners.delete(key);
    this.#bytes -= owner?.bytes ?? 0;
    return owner;
  }

  #put(key: string, owner: Owner): void {
    this.#owners.set(key, owner);
    this.#bytes += owner.bytes;
    for (const oldest of this.#owners.keys()) {
      if (this.#bytes <= mostBytes && this.#owners.size <= mostOwners) return;
      this.#taken(oldest);
    }
  }
}

/** Adds the next event of a stream. False when one before it is missing: whoever reads it looks it up, and is told. */
const follows = (owner: Owner, row: EventRow): boolean => {
  const kept = owner.streams.get(row.stream) ?? { first: owner.whole ? 0 : row.revision, events: [] };
  const next = kept.first + kept.events.length;
  if (row.revision < next) return true; // came with the stream when that was looked up
  if (row.revision !== next) return false;
  kept.events.push(row);
  owner.streams.set(row.stream, kept);
  owner.bytes += bytesOf(row);
  return true;
};

const bytesOf = ({ data, metadata, personal }: EventRow): number => overhead + data.length + metadata.length + (personal?.length ?? 0);

const isRow = (event: EventRow | StoredEvent): event is EventRow => typeof event.position === 'number';

const readable = (row: EventRow): StoredEvent | undefined => {
  try {
    return toStored(row);
  } catch {
    return undefined;
  }
};
