import { Changes } from '@kendt/connector/embedded';
import {
  type Appended, checkAppends, type EventBatch, type EventStore, type ReadOptions, type StoredEvent, type StreamAppend, type SubscribeOptions,
} from '@kendt/eventsourcing';
import { EventLog } from './event-log.js';
import { EventWrites, type EventWritesOptions } from './event-writes.js';

const pageSize = 500;

/** The event store in one file. Several processes may have it open. */
export class SqliteEventStore implements EventStore {
  private readonly writes: EventWrites;
  private readonly changes: Changes;
  private readonly closing = new AbortController();

  private constructor(
    private readonly log: EventLog,
    file: string,
    options: EventWritesOptions,
  ) {
    this.writes = new EventWrites(file, () => this.changes.ring(), options);
    this.changes = new Changes(log.reader, { everyMs: 20, keepAlive: false });
  }

  /** @throws Error with one sentence for the operator when the file is not ours, damaged, newer or cannot be written. */
  static async open(file: string, options: EventWritesOptions = {}): Promise<SqliteEventStore> {
    return new SqliteEventStore(new EventLog(file), file, options);
  }

  async append(appends: readonly StreamAppend[]): Promise<Appended> {
    this.mustBeOpen();
    const texts = checkAppends(appends);
    return { position: texts.length === 0 ? this.log.last() : await this.writes.append(texts) };
  }

  async *read(stream: string, { direction = 'forwards', from, limit = Infinity }: ReadOptions = {}): AsyncIterable<StoredEvent> {
    const step = direction === 'forwards' ? 1 : -1;
    let next = from ?? (direction === 'forwards' ? 0 : Number.MAX_SAFE_INTEGER);
    for (let left = limit; left > 0; ) {
      this.mustBeOpen();
      const page = this.log.read(stream, direction, next, Math.min(left, pageSize));
      for (const event of page) yield event; // `yield*` would take a promise more for each
      if (page.length < pageSize) return;
      left -= page.length;
      next = page.at(-1)!.revision + step;
    }
  }

  async *subscribe({ after, categories, signal }: SubscribeOptions): AsyncIterable<EventBatch> {
    const stop = AbortSignal.any([signal, this.closing.signal]);
    let position = after;
    let toldCaughtUp = false;
    while (!stop.aborted) {
      const batch = this.log.batch(position, categories);
      if (toldCaughtUp && batch.position === position) {
        await this.changes.wait(stop);
        continue;
      }
      position = batch.position;
      toldCaughtUp = batch.caughtUp;
      yield batch;
    }
  }

  /** Writes what still waits, ends subscriptions, lets go of the file. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await this.writes.close();
    this.log.close();
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new Error('The event store is closed');
  }
}
