import { type EventBatch, type EventStore, randomId, RevisionConflict, START, type StoredEvent, type StreamAppend } from '@kendt/eventsourcing';

const streamName = /^[a-z]+-[A-Za-z0-9_.-]{1,128}$/;

/**
 * A part of a server's log that looks like a log of its own: a real server keeps what tests before have written. Names of streams, ids of
 * events and of commands become others on the way in, and themselves again on the way out; what lies in the log from before is not there.
 */
export class Namespace {
  private readonly names = new Map<string, string>();
  private readonly ids = new Map<string, string>();
  private readonly originals = new Map<string, string>();
  private readonly mark = randomId();
  private written = false;

  constructor(private readonly since: string) {}

  of(store: EventStore): EventStore {
    return {
      append: async (appends) => {
        const answer = await store.append(appends.map((append) => this.inwards(append))).catch((error: unknown) => {
          throw this.conflict(error);
        });
        if (appends.some(({ events }) => events.length > 0)) this.written = true;
        return this.written ? answer : { position: START };
      },
      read: (stream, options) => this.outwards(store.read(this.name(stream), options)),
      subscribe: (options) => this.batches(store.subscribe({ ...options, after: options.after === START ? this.since : options.after })),
      close: () => store.close(),
    };
  }

  /** Bad names stay bad. */
  private name(stream: string): string {
    if (!streamName.test(stream)) return stream;
    const name = this.names.get(stream) ?? `${stream.slice(0, stream.indexOf('-'))}-${this.mark}.${this.names.size}`;
    this.names.set(stream, name);
    this.originals.set(name, stream);
    return name;
  }

  private id(id: string): string {
    const other = this.ids.get(id) ?? randomId();
    this.ids.set(id, other);
    this.originals.set(other, id);
    return other;
  }

  private inwards({ stream, expected, events }: StreamAppend): StreamAppend {
    const metadata = (event: (typeof events)[number]) => ({ ...event.metadata, commandId: this.id(event.metadata.commandId) });
    return { stream: this.name(stream), expected, events: events.map((event) => ({ ...event, id: this.id(event.id), metadata: metadata(event) })) };
  }

  private conflict(error: unknown): unknown {
    if (!(error instanceof RevisionConflict)) return error;
    return new RevisionConflict(this.originals.get(error.stream) ?? error.stream, error.expected, error.actual);
  }

  private original(event: StoredEvent): StoredEvent {
    const back = (text: string): string => this.originals.get(text) ?? text;
    return { ...event, id: back(event.id), stream: back(event.stream), metadata: { ...event.metadata, commandId: back(event.metadata.commandId) } };
  }

  private async *outwards(events: AsyncIterable<StoredEvent>): AsyncIterable<StoredEvent> {
    for await (const event of events) yield this.original(event);
  }

  /** Nothing of this namespace was written: then its log is empty, wherever the server's stands. */
  private async *batches(batches: AsyncIterable<EventBatch>): AsyncIterable<EventBatch> {
    for await (const batch of batches) {
      const events = batch.events.filter(({ stream }) => stream.includes(this.mark)).map((event) => this.original(event));
      yield { ...batch, events, position: this.written ? batch.position : START };
    }
  }
}
