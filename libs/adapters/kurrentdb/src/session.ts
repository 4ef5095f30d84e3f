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

/** What has come since the last step, in order. `position` is absent when only nothing of ours has come. */
export interface Step {
  readonly events: readonly StoredEvent[];
  readonly position?: Position;
  /** The server had nothing more when it said so, and nothing has come after it that is not in this step. */
  readonly caughtUp: boolean;
}

/** Something that the server said between two events. */
interface Mark {
  /** Holds once so many events were taken. */
  readonly after: number;
  readonly position?: Position;
  readonly caughtUp: boolean;
}

const batchSize = 500;
const buffered = 128;

/**
 * One catch-up subscription, from a connection's beginning to its end. The client calls back with checkpoints while events before them still
 * wait in its buffer, so each is kept with the number of events that must be taken first.
 */
export class Session {
  private readonly subscription: AllStreamSubscription;
  private readonly marks: Mark[] = [];
  private readonly bell = new Bell();
  private readonly confirmation: NodeJS.Timeout;
  private taken = 0;
  private live = false;
  private end: { readonly error: unknown } | undefined;

  constructor(client: KurrentDBClient, { after, categories, searchWindow, deadline }: SessionOptions) {
    // Never throws: the client awaits it inside its stream, where nobody would hear.
    const checkpointReached = (_: unknown, position: LogPosition): void => this.mark({ position, caughtUp: false });
    const filter = { filterOn: 'streamName', regex: streamFilter(categories), checkpointInterval: 1, maxSearchWindow: searchWindow, checkpointReached } as const;
    this.subscription = client.subscribeToAll({ fromPosition: fromPosition(after), filter }, { highWaterMark: buffered });
    this.confirmation = setTimeout(() => this.ended(storeAway()), deadline);
    this.subscription
      .on('confirmation', () => clearTimeout(this.confirmation))
      .on('readable', () => this.bell.ring())
      .on('error', (error) => this.ended(error))
      .on('end', () => this.ended(storeAway()));
    this.subscription.on('caughtUp', ({ position }) => this.mark({ ...(position && { position }), caughtUp: true }));
  }

  /** The next step; undefined when `signal` aborts. @throws what ended the connection, once all that came before was given. */
  async next(signal: AbortSignal): Promise<Step | undefined> {
    while (!signal.aborted) {
      const step = this.step();
      if (step) return step;
      if (this.end) throw this.end.error;
      await this.bell.wait(signal);
    }
    return undefined;
  }

  close(): void {
    clearTimeout(this.confirmation);
    this.end ??= { error: undefined };
    this.subscription.unsubscribe().catch(() => undefined); // rejects when it never came to a connection
    this.subscription.destroy();
  }

  private step(): Step | undefined {
    const before = this.taken;
    const events = this.take();
    const reached = this.marks.splice(0, this.marks.findLastIndex(({ after }) => after <= this.taken) + 1);
    if (this.taken === before && reached.length === 0) return undefined;
    if (reached.some(({ caughtUp }) => caughtUp)) this.live = true;
    const positions = [...events, ...reached].flatMap(({ position }) => position ?? []);
    const position = positions.sort().at(-1);
    return { events, ...(position !== undefined && { position }), caughtUp: this.live && this.subscription.readableLength === 0 };
  }

  private take(): StoredEvent[] {
    const events: StoredEvent[] = [];
    for (let room = batchSize; room > 0; room--) {
      const resolved = this.subscription.read() as Parameters<typeof toStored>[0] | null;
      if (resolved === null) break;
      this.taken++;
      const event = toStored(resolved);
      if (event) events.push(event);
    }
    return events;
  }

  private mark({ position, caughtUp }: { position?: LogPosition; caughtUp: boolean }): void {
    const after = this.taken + this.subscription.readableLength;
    const last = this.marks.at(-1);
    // A slow reader must not gather checkpoints: between two events the last one says it all.
    if (last?.after === after) this.marks.pop();
    const at = position ? toPosition(position) : last?.after === after ? last.position : undefined;
    this.marks.push({ after, ...(at !== undefined && { position: at }), caughtUp: caughtUp || (last?.after === after && last.caughtUp) });
    this.bell.ring();
  }

  private ended(error: unknown): void {
    this.end ??= { error };
    this.bell.ring();
  }
}
