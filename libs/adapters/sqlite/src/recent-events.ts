import type { StoredEvent } from '@kendt/eventsourcing';
import { type EventRow, toStored } from './event-rows.js';

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
  readonly events: StoredEvent[];
  bytes: number;
}

const mostBytes = 8 * 1024 * 1024;
const mostStreams = 10_000;
/** An event in memory, beside its texts. */
const overhead = 600;
/** Who is further behind than so many batches begins anew. */
const mostBatches = 4;

/**
 * The newest events of streams that were written or read a moment ago: what follows from an event, and the next command, read
 * the same streams again. A shortcut and never the truth: each look first takes in whatever stands in the log behind what is
 * known here, whoever wrote it. That is one step to the end of the table, where looking up a stream is many.
 *
 * Events never change once they are written. They are kept as they are stored, so what is sealed stays sealed.
 */
export class RecentEvents {
  /** The stream that moved last comes last. */
  readonly #streams = new Map<string, Kept>();
  #bytes = 0;
  #upTo: number | undefined;

  constructor(private readonly log: EndOfLog) {}

  /** The events of a stream from a revision on; `undefined` when they have to be looked up. */
  from(stream: string, revision: number, limit: number): StoredEvent[] | undefined {
    this.#catchUp();
    const kept = this.#streams.get(stream);
    return kept && kept.first <= revision ? kept.events.slice(revision - kept.first, revision - kept.first + limit) : undefined;
  }

  /** What was looked up after {@link from}: all there is of a stream from a revision on. */
  keep(stream: string, first: number, rows: readonly EventRow[], events: readonly StoredEvent[]): void {
    this.#drop(stream);
    this.#put(stream, { first, events: [...events], bytes: rows.reduce((sum, row) => sum + bytesOf(row), overhead) });
  }

  #catchUp(): void {
    this.#upTo ??= this.log.last();
    for (let batch = 0; batch < mostBatches; batch++) {
      const rows = this.log.behind(this.#upTo);
      for (const row of rows) this.#take(row);
      this.#upTo = rows.at(-1)?.position ?? this.#upTo;
      if (rows.length < this.log.batch) return;
    }
    this.#streams.clear();
    [this.#bytes, this.#upTo] = [0, this.log.last()];
  }

  #take(row: EventRow): void {
    const kept = this.#streams.get(row.stream) ?? { first: row.revision, events: [], bytes: overhead };
    const next = kept.first + kept.events.length;
    if (row.revision < next) return; // came with the stream when that was looked up
    this.#drop(row.stream);
    const event = row.revision === next ? readable(row) : undefined;
    if (!event) return; // damaged: whoever reads this stream looks it up, and is told
    kept.events.push(event);
    kept.bytes += bytesOf(row);
    this.#put(row.stream, kept);
  }

  #put(stream: string, kept: Kept): void {
    this.#streams.set(stream, kept);
    this.#bytes += kept.bytes;
    for (const oldest of this.#streams.keys()) {
      if (this.#bytes <= mostBytes && this.#streams.size <= mostStreams) return;
      this.#drop(oldest);
    }
  }

  #drop(stream: string): void {
    this.#bytes -= this.#streams.get(stream)?.bytes ?? 0;
    this.#streams.delete(stream);
  }
}

const bytesOf = ({ data, metadata, personal }: EventRow): number => overhead + data.length + metadata.length + (personal?.length ?? 0);

const readable = (row: EventRow): StoredEvent | undefined => {
  try {
    return toStored(row);
  } catch {
    return undefined;
  }
};
