import { setImmediate as turn } from 'node:timers/promises';
import { Bell, type Position, type StoredEvent } from '@kendt/eventsourcing';
import type { AllStreamSubscription, KurrentDBClient, Position as LogPosition } from '@kurrent/kurrentdb-client';
import { storeAway } from './failures.js';
import { fromPosition, streamFilter, toPosition, toStored } from './records.js';

export interface SessionOptions {
  readonly after: Position;
  readonly categories: readonly string[];
  /** How many events the server may look at before it says how far it is. */
  readonly searchWindow: number;
  readonly deadline: number;
}

/** What has come since the last step, in order. `position` is absent in an empty database. */
export interface Step {
  readonly events: readonly StoredEvent[];
  readonly position?: Position;
  /** The server had nothing more when it said so, and nothing has come after it that is not in this step. */
  readonly caughtUp: boolean;
}

const batchSize = 500;
const buffered = 128;

/**
 * One catch-up subscription, from a connection's beginning to its end. The client calls back with checkpoints while events before them still
 * wait in its buffer: what the server says between events counts once that buffer is empty.
 */
export class Session {
  private readonly subscription: AllStreamSubscription;
  private readonly bell = new Bell();
  private readonly confirmation: NodeJS.Timeout;
  private said: { readonly position?: Position; readonly caughtUp: boolean } | undefined;
  private live = false;
  private end: { readonly error: unknown } | undefined;

  constructor(client: KurrentDBClient, { after, categories, searchWindow, deadline }: SessionOptions) {
    // Never throws: the client awaits it inside its stream, where nobody would hear.
    const checkpointReached = (_: unknown, position: LogPosition): void => this.hear(position, false);
    const filter = { filterOn: 'streamName', regex: streamFilter(categories), checkpointInterval: 1, maxSearchWindow: searchWindow, checkpointReached } as const;
    this.subscription = client.subscribeToAll({ fromPosition: fromPosition(after), filter }, { highWaterMark: buffered });
    this.confirmation = setTimeout(() => this.ended(storeAway()), deadline);
    this.subscription
      .on('confirmation', () => clearTimeout(this.confirmation))
      .on('readable', () => this.bell.ring())
      .on('error', (error) => this.ended(error))
      .on('end', () => this.ended(storeAway()));
    this.subscription.on('caughtUp', ({ position }) => this.hear(position, true));
  }

  /** The next step; undefined when `signal` aborts. @throws what ended the connection, once all that came before was given. */
  async next(signal: AbortSignal): Promise<Step | undefined> {
    while (!signal.aborted) {
      await this.gather();
      const step = this.step();
      if (step) return step;
      if (this.end) throw this.end.error;
      if (this.subscription.readableLength === 0) await this.bell.wait(signal);
    }
    return undefined;
  }

  close(): void {
    clearTimeout(this.confirmation);
    this.end ??= { error: undefined };
    this.subscription.unsubscribe().catch(() => undefined); // rejects when it never came to a connection
    this.subscription.destroy();
  }

  /** Events arrive one by one: waits while each turn of the loop brings more, so that they make one batch. */
  private async gather(): Promise<void> {
    for (let before = -1; before < this.subscription.readableLength; await turn()) before = this.subscription.readableLength;
  }

  private step(): Step | undefined {
    const events = this.take();
    const said = this.subscription.readableLength === 0 ? this.said : undefined;
    if (said) this.said = undefined;
    if (events.length === 0 && !said) return undefined;
    this.live ||= said?.caughtUp ?? false;
    // What was said may stand before the last of these events: the later of the two holds for both.
    const position = [said, events.at(-1)].flatMap((one) => one?.position ?? []).sort().at(-1);
    return { events, ...(position !== undefined && { position }), caughtUp: this.live && this.subscription.readableLength === 0 };
  }

  private take(): StoredEvent[] {
    const events: StoredEvent[] = [];
    for (let taken = 0; taken < batchSize; taken++) {
      const resolved = this.subscription.read() as Parameters<typeof toStored>[0] | null;
      if (resolved === null) break;
      const event = toStored(resolved);
      if (event) events.push(event);
    }
    return events;
  }

  /** Only the last word is kept, so that a slow reader gathers none. */
  private hear(position: LogPosition | undefined, caughtUp: boolean): void {
    const at = position ? toPosition(position) : this.said?.position;
    this.said = { ...(at !== undefined && { position: at }), caughtUp: caughtUp || (this.said?.caughtUp ?? false) };
    this.bell.ring();
  }

  private ended(error: unknown): void {
    this.end ??= { error };
    this.bell.ring();
  }
}
