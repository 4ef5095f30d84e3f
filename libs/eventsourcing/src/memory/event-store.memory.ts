import { checkAppends, type EventText, refuseReusedId, sameEvent, type StreamText } from '../append-limits.js';
import { Bell } from '../bell.js';
import {
  type Appended, categoryOf, type EventBatch, type EventStore, type Position, type ReadOptions, RevisionConflict, START, type StoredEvent,
  type StreamAppend, type SubscribeOptions,
} from '../event-store.port.js';

interface Kept extends EventText {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
}

const batchSize = 500;

/** The event store for tests: the semantics of the real ones, and nothing survives it. */
export class MemoryEventStore implements EventStore {
  private readonly log: Kept[] = [];
  private readonly streams = new Map<string, Kept[]>();
  private readonly ids = new Map<string, Kept>();
  private readonly bell = new Bell();
  private closed = false;

  async append(appends: readonly StreamAppend[]): Promise<Appended> {
    this.mustBeOpen();
    const texts = checkAppends(appends);
    const before = this.sameAgain(texts);
    if (before !== undefined) return { position: before };
    for (const { stream, expected } of texts) this.mustBeAt(stream, expected);
    for (const { stream, events } of texts) for (const event of events) this.keep(stream, event);
    if (texts.length > 0) this.bell.ring();
    return { position: this.log.at(-1)?.position ?? START };
  }

  async *read(stream: string, { direction = 'forwards', from, limit = Infinity }: ReadOptions = {}): AsyncIterable<StoredEvent> {
    this.mustBeOpen();
    const all = this.streams.get(stream) ?? [];
    const events = direction === 'forwards' ? all.slice(from ?? 0) : all.slice(0, (from ?? all.length) + 1).reverse();
    for (const event of events.slice(0, limit)) yield toStored(event);
  }

  async *subscribe({ after, categories, signal }: SubscribeOptions): AsyncIterable<EventBatch> {
    let at = Number(after);
    let position = after;
    let toldCaughtUp = false;
    while (!signal.aborted && !this.closed) {
      const seen = this.log.slice(at, at + batchSize);
      if (seen.length === 0 && toldCaughtUp) {
        await this.bell.wait(signal);
        continue;
      }
      at += seen.length;
      position = seen.at(-1)?.position ?? position;
      toldCaughtUp = at >= this.log.length;
      const events = seen.filter(({ stream }) => categories.length === 0 || categories.includes(categoryOf(stream))).map(toStored);
      yield { events, position, caughtUp: toldCaughtUp };
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.bell.ring();
  }

  private mustBeOpen(): void {
    if (this.closed) throw new Error('The event store is closed');
  }

  /** The position that was given when some of these ids came before. */
  private sameAgain(texts: readonly StreamText[]): Position | undefined {
    const known = texts.flatMap(({ stream, events }) =>
      events.flatMap((event) => {
        const kept = this.ids.get(event.id);
        if (!kept) return [];
        return sameEvent(kept, event, stream) ? [kept.position] : refuseReusedId();
      }),
    );
    return known.sort().at(-1);
  }

  private mustBeAt(stream: string, expected: StreamAppend['expected']): void {
    const actual = (this.streams.get(stream)?.length ?? 0) - 1;
    if (expected !== 'any' && actual !== (expected === 'none' ? -1 : expected)) throw new RevisionConflict(stream, expected, actual);
  }

  private keep(stream: string, event: EventText): void {
    const events = this.streams.get(stream) ?? [];
    const kept = { ...event, stream, revision: events.length, position: String(this.log.length + 1).padStart(16, '0') };
    this.streams.set(stream, events);
    events.push(kept);
    this.log.push(kept);
    this.ids.set(event.id, kept);
  }
}

// Parsed anew for every reader, so that nobody can change what others read.
const toStored = ({ data, personal, metadata, ...event }: Kept): StoredEvent => ({
  ...event,
  data: JSON.parse(data) as object,
  ...(personal !== null && { personal: JSON.parse(personal) as NonNullable<StoredEvent['personal']> }),
  metadata: JSON.parse(metadata) as StoredEvent['metadata'],
});
