import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Bell } from './bell.js';
import { categoryOf, type EventBatch, type EventStore, type Position, START, type StoredEvent, type SubscribeOptions } from './event-store.port.js';

const mostEvents = 500;
/** A subscriber that is further behind than this reads for itself. */
const kept = 1000;
const pauseMs = 100;

interface Reading {
  readonly abort: AbortController;
  readonly categories: readonly string[];
}

/**
 * The end of the log, read once for all subscribers of a process, and only the categories that one of them wants. Each reads its history
 * for itself; who has caught up is handed what is read for all, and reads for itself again when it falls behind. Events are the same
 * objects for all of them, so nobody may change one. Above `sealing` and `upcasting`, what one has opened is open for all.
 */
export class SharedTail implements EventStore {
  /** What not everybody has been handed yet: all events of these categories behind `#from`, up to `#to`. */
  #events: StoredEvent[] = [];
  #from: Position = START;
  #to: Position = START;
  #caughtUp = true;
  #reading: Reading | undefined;
  /** What everybody wants who has subscribed. */
  readonly #wanted = new Set<readonly string[]>();
  readonly #handed = new Set<{ position: Position }>();
  readonly #bell = new Bell();

  constructor(private readonly store: EventStore) {}

  append: EventStore['append'] = (appends) => this.store.append(appends);
  read: EventStore['read'] = (stream, options) => this.store.read(stream, options);

  async *subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    const wanted = [...options.categories];
    this.#wanted.add(wanted);
    try {
      yield* this.#batches(options);
    } finally {
      this.#wanted.delete(wanted);
    }
  }

  async *#batches(options: SubscribeOptions): AsyncIterable<EventBatch> {
    for (let position = options.after, live = true; live && !options.signal.aborted; ) {
      live = false; // unless history comes to its end, the subscription does
      for await (const batch of this.store.subscribe({ ...options, after: position })) {
        position = batch.position;
        yield batch;
        if ((live = batch.caughtUp)) break;
      }
      if (!live || options.signal.aborted) return;
      for await (const batch of this.#follow(position, options)) {
        position = batch.position;
        yield batch;
      }
    }
  }

  /** A key was destroyed: what may be open of it is let go. Who has not been handed it yet reads for itself. */
  forget(): void {
    this.#events = [];
    this.#from = this.#to;
    this.#bell.ring();
  }

  close(): Promise<void> {
    return this.store.close();
  }

  /** Ends when the subscriber must read for itself. */
  async *#follow(after: Position, { categories, signal }: SubscribeOptions): AsyncIterable<EventBatch> {
    const handed = { position: after };
    this.#handed.add(handed);
    if (this.#reading && !covers(this.#reading.categories, categories)) this.#end(); // it begins again, for all who want something by now
    this.#reading ??= this.#begin(after);
    const reading = this.#reading;
    try {
      while (!signal.aborted && reading === this.#reading && handed.position >= this.#from) {
        if (handed.position >= this.#to) await this.#bell.wait(signal);
        else {
          const batch = this.#behind(handed.position, new Set(categories));
          handed.position = batch.position;
          yield batch;
        }
      }
    } finally {
      this.#handed.delete(handed);
      if (this.#handed.size === 0) this.#end();
    }
  }

  #behind(position: Position, categories: ReadonlySet<string>): EventBatch {
    let first = this.#events.length;
    while (first > 0 && this.#events[first - 1]!.position > position) first--;
    const events: StoredEvent[] = [];
    for (let n = first; n < this.#events.length; n++) {
      const event = this.#events[n]!;
      if (categories.size > 0 && !categories.has(categoryOf(event.stream))) continue;
      if (events.push(event) === mostEvents) return { events, position: event.position, caughtUp: false };
    }
    return { events, position: this.#to, caughtUp: this.#caughtUp };
  }

  #begin(after: Position): Reading {
    const wanted = [...this.#wanted];
    const reading = { abort: new AbortController(), categories: wanted.some(({ length }) => length === 0) ? [] : [...new Set(wanted.flat())].sort() };
    [this.#events, this.#from, this.#to, this.#caughtUp] = [[], after, after, true];
    void this.#readOn(reading);
    return reading;
  }

  async #readOn(reading: Reading): Promise<void> {
    const { abort: { signal }, categories } = reading;
    try {
      for await (const batch of this.store.subscribe({ after: this.#to, categories, signal })) {
        if (signal.aborted) return;
        this.#take(batch);
        if (!batch.caughtUp) await nextTurn(); // for those who wait to take it
      }
    } catch {
      // Whom it concerns meets it when they read for themselves, and says so; the pause keeps them from coming back at once.
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
    if (this.#reading === reading) this.#end();
  }

  #take({ events, position, caughtUp }: EventBatch): void {
    this.#letGo();
    this.#events.push(...events);
    this.#to = position;
    this.#caughtUp = caughtUp;
    const tooMany = this.#events.length - kept;
    if (tooMany > 0) this.#from = this.#events.splice(0, tooMany).at(-1)!.position;
    this.#bell.ring();
  }

  /** What everybody has been handed. */
  #letGo(): void {
    let everybody = this.#to;
    for (const { position } of this.#handed) if (position < everybody) everybody = position;
    if (everybody <= this.#from) return;
    this.#from = everybody;
    const first = this.#events.findIndex(({ position }) => position > everybody);
    this.#events.splice(0, first === -1 ? this.#events.length : first);
  }

  #end(): void {
    this.#reading?.abort.abort();
    this.#reading = undefined;
    this.#events = [];
    this.#bell.ring();
  }
}

/** None means all. */
const covers = (read: readonly string[], wanted: readonly string[]): boolean => read.length === 0 || (wanted.length > 0 && wanted.every((category) => read.includes(category)));
