import {
  type Appended, checkAppends, type EventBatch, type EventStore, type ExpectedRevision, type Position, type ReadOptions, refuseReusedId, RevisionConflict,
  sameEvent, START, type StoredEvent, type StreamAppend, type StreamText, type SubscribeOptions,
} from '@kendt/eventsourcing';
import type { AppendStreamRequest, KurrentDBClient } from '@kurrent/kurrentdb-client';
import { readAddress } from './address.js';
import { connect, disconnect, mustAppendToSeveralStreams, reading } from './client.js';
import { commandRecords, type CommandRevision, commandStream, type Place, placesByCommand } from './command-record.js';
import { invalid, kindOf, toFailure, within } from './failures.js';
import { streamFilter, toRecord, toStored } from './records.js';
import { subscribing } from './subscribing.js';

export interface KurrentOptions {
  /** `kurrentdb://[user@]host[:port][?option=value]`. */
  readonly url: string;
  /** Of the user in the URL. */
  readonly password?: string;
  /** Milliseconds that one call may take. 5,000 unless told. */
  readonly deadline?: number;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const tries = 5;

/** What came of an earlier append of the same commands. */
interface Earlier {
  /** Of the last of these events, when some of them stand there already. */
  readonly position: Position | undefined;
  readonly revisions: ReadonlyMap<string, CommandRevision>;
}

/** The event store in KurrentDB 25.1 or later. docs/event-stores.md says how each clause of the contract is kept. */
export class KurrentEventStore implements EventStore {
  private readonly closing = new AbortController();

  private constructor(
    private readonly client: KurrentDBClient,
    private readonly deadline: number,
  ) {}

  /** @throws Error with one sentence for the operator; Refusal `STORE_AWAY` when the server does not answer. Neither shows the URL or the password. */
  static async open({ url, password, deadline = 5000 }: KurrentOptions): Promise<KurrentEventStore> {
    const address = readAddress(url, { deadline });
    const { user } = address;
    if ((user === undefined) !== (password === undefined)) throw new Error('A user in EVENT_STORE_URL and EVENT_STORE_PASSWORD go together: one of them is missing.');
    const client = await connect(address, user !== undefined && password !== undefined ? { username: user, password } : undefined);
    try {
      await mustAppendToSeveralStreams(client, deadline);
      const store = new KurrentEventStore(client, deadline);
      // Reads have a connection of their own: a wrong password or certificate shows now, not at the first customer.
      await Array.fromAsync(store.read(commandStream('none'), { limit: 1 }));
      return store;
    } catch (error) {
      await disconnect(client);
      throw error;
    }
  }

  async append(appends: readonly StreamAppend[]): Promise<Appended> {
    this.mustBeOpen();
    const texts = checkAppends(appends);
    if (texts.some(({ events }) => events.some(({ id }) => !uuid.test(id)))) throw invalid('An event id must be a UUID in lower case');
    if (texts.length === 0) return { position: await this.lastPosition() };
    const byCommand = placesByCommand(texts);
    let revisions: ReadonlyMap<string, CommandRevision> = new Map();
    for (let attempt = 1; ; attempt++) {
      try {
        return { position: await this.write(texts, commandRecords(byCommand, revisions)) };
      } catch (error) {
        // Whatever the failure, these events may stand there: from an earlier try, or because only the answer was lost.
        const earlier = await this.earlier(texts, [...byCommand.keys()]);
        if (earlier.position !== undefined) return { position: earlier.position };
        const conflict = conflictOf(error, texts);
        if (conflict || kindOf(error) !== 'wrong-expected-version' || attempt === tries) throw conflict ?? toFailure(error);
        revisions = earlier.revisions; // the same command has appended other events
      }
    }
  }

  async *read(stream: string, { direction = 'forwards', from, limit = Infinity }: ReadOptions = {}): AsyncIterable<StoredEvent> {
    this.mustBeOpen();
    if (limit <= 0) return;
    const fromRevision = from === undefined ? (direction === 'forwards' ? 'start' : 'end') : BigInt(from);
    const maxCount = limit === Infinity ? Number.MAX_SAFE_INTEGER : limit;
    const events = this.client.readStream(stream, { direction, fromRevision, maxCount, requiresLeader: true });
    for await (const resolved of reading(events, this.deadline)) {
      const event = toStored(resolved);
      if (event) yield event;
    }
  }

  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    return subscribing(this.client, { ...options, signal, deadline: this.deadline });
  }

  /** Ends subscriptions and the connection. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await disconnect(this.client);
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new Error('The event store is closed');
  }

  /** All or nothing. The command's own streams come first, so that a conflict with one of them is the one that is reported. */
  private async write(texts: readonly StreamText[], commands: readonly AppendStreamRequest[]): Promise<Position> {
    const requests = texts.map(({ stream, expected, events }) => ({ streamName: stream, expectedState: toState(expected), events: events.map(toRecord) }));
    const { responses } = await within(this.deadline + 1000, this.client.multiStreamAppend([...commands, ...requests]));
    const last = texts.at(-1)?.stream ?? '';
    const revision = responses.find(({ streamName }) => streamName === last)?.revision;
    if (revision === undefined) throw new Error('KurrentDB did not say where it appended.');
    return this.positionOf(last, Number(revision));
  }

  /** Read back: what the answer to an append calls its position is not promised to be the one that subscribers see. */
  private async positionOf(stream: string, revision: number): Promise<Position> {
    for await (const { position } of this.read(stream, { from: revision, limit: 1 })) return position;
    throw new Error('KurrentDB does not show what it has appended.');
  }

  private async lastPosition(): Promise<Position> {
    const filter = { filterOn: 'streamName', regex: streamFilter([]), checkpointInterval: 1 } as const;
    const events = this.client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1, requiresLeader: true, filter });
    for await (const resolved of reading(events, this.deadline)) return toStored(resolved)?.position ?? START;
    return START;
  }

  /** @throws Refusal `EVENT_ID_REUSED` when one of these ids stands there with another content. */
  private async earlier(texts: readonly StreamText[], commandIds: readonly string[]): Promise<Earlier> {
    const commands = await Promise.all(commandIds.map((commandId) => this.command(commandId)));
    const kept = new Map(commands.flatMap(({ events }) => events.map((event) => [event.id, event] as const)));
    const known = texts.flatMap(({ stream, events }) =>
      events.flatMap((event) => {
        const before = kept.get(event.id);
        if (!before) return [];
        return sameEvent(toText(before), event, stream) ? [before.position] : refuseReusedId();
      }),
    );
    return { position: known.sort().at(-1), revisions: new Map(commands.map(({ commandId, revision }) => [commandId, revision])) };
  }

  /** All that a command has appended, and the revision of its own stream. */
  private async command(commandId: string): Promise<{ commandId: string; revision: CommandRevision; events: StoredEvent[] }> {
    let revision: CommandRevision = 'no_stream';
    const places: Place[] = [];
    const records = this.client.readStream(commandStream(commandId), { direction: 'forwards', fromRevision: 'start', requiresLeader: true });
    for await (const { event } of reading(records, this.deadline)) {
      if (!event) continue;
      revision = event.revision;
      places.push(...(event.data as { places: Place[] }).places);
    }
    const events = await Promise.all(places.map((place) => this.at(place, commandId)));
    return { commandId, revision, events: events.flat() };
  }

  private async at({ stream, first, count }: Place, commandId: string): Promise<StoredEvent[]> {
    const all = await Array.fromAsync(this.read(stream, first === null ? {} : { from: first, limit: count }));
    return all.filter(({ metadata }) => metadata.commandId === commandId);
  }
}

const toState = (expected: ExpectedRevision): AppendStreamRequest['expectedState'] => {
  if (expected === 'any') return 'any';
  return expected === 'none' ? 'no_stream' : BigInt(expected);
};

/** Undefined when it is no conflict, or one with a stream that is not the caller's. */
const conflictOf = (error: unknown, texts: readonly StreamText[]): RevisionConflict | undefined => {
  if (kindOf(error) !== 'wrong-expected-version') return undefined;
  const { streamName, actualState } = error as { streamName: string; actualState: CommandRevision };
  const text = texts.find(({ stream }) => stream === streamName);
  return text && new RevisionConflict(streamName, text.expected, actualState === 'no_stream' ? -1 : Number(actualState));
};

const toText = ({ data, personal, ...event }: StoredEvent): Parameters<typeof sameEvent>[0] => ({
  ...event,
  data: JSON.stringify(data),
  personal: personal ? JSON.stringify(personal) : null,
  metadata: '',
});
