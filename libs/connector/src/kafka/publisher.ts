import { isAway, isLostProducer, toFailure, TopicsUnavailable } from './failures.js';

export interface PlacedMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** One idempotent producer. All that another client would have to do for {@link Publisher}. */
export interface Sender {
  /** Resolves with the places that were acknowledged by all in-sync replicas. */
  send(messages: readonly PlacedMessage[]): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

export const placeOf = ({ topic, partition }: Pick<PlacedMessage, 'topic' | 'partition'>): string => `${topic}/${partition}`;

export interface PublisherOptions<Message> {
  readonly open: () => Promise<Sender>;
  /** Finds the partitions. Rejects for a topic that is not there. */
  readonly place: (messages: readonly Message[]) => Promise<readonly PlacedMessage[]>;
  /** Bytes that may wait; who publishes more waits until there is room. */
  readonly mostWaiting?: number;
}

interface Ticket {
  left: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting {
  readonly message: PlacedMessage;
  readonly bytes: number;
  readonly ticket: Ticket;
}

/** Below what a broker takes in one request for a partition (`message.max.bytes`, 1 MB). */
const batchBytes = 900_000;
const batchMessages = 2_000;
/** How often another producer takes over in the middle of a batch. */
const producers = 3;

/**
 * Sends one batch at a time. Two under way at once, of which the first fails, would let the client number the second like the first,
 * and the broker would take it for a repetition and drop it. For the same reason a producer that has failed is never used again.
 * What waits behind a batch that failed is refused with it: otherwise a later message of a key would overtake an earlier one that is sent again.
 */
export class Publisher<Message> {
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private entrance: Promise<unknown> = Promise.resolve();
  private failures = 0;
  private sending: Promise<void> | undefined;
  private room = Promise.withResolvers<void>();
  private sender: Promise<Sender> | undefined;
  private closed = false;

  constructor(private readonly options: PublisherOptions<Message>) {}

  /** Bytes that wait to be sent. */
  get waits(): number {
    return this.waitingBytes;
  }

  /** Resolves once every message is acknowledged. Rejects after a bounded number of tries; then none, some or all of them may be there. */
  async publish(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const { failures } = this;
    const entered = this.entrance.then(() => this.enter(messages, failures));
    this.entrance = entered.catch(() => undefined);
    await (await entered).kept;
  }

  /** Refuses what waits, and gives what is under way at most `ms`. */
  async close(ms: number): Promise<void> {
    this.closed = true;
    this.refuseWaiting(closedError());
    await within(ms, this.sending ?? Promise.resolve());
    await within(ms, this.dropSender());
  }

  private async enter(messages: readonly Message[], failures: number): Promise<{ kept: Promise<void> }> {
    const placed = await this.options.place(messages);
    while (this.waitingBytes > (this.options.mostWaiting ?? 16 * 1024 * 1024) && !this.closed) await this.room.promise;
    if (this.closed) throw closedError();
    if (failures !== this.failures) throw new TopicsUnavailable();
    const { promise: kept, resolve, reject } = Promise.withResolvers<void>();
    const ticket = { left: placed.length, resolve, reject };
    for (const message of placed) this.add({ message, bytes: bytesOf(message), ticket });
    this.sending ??= this.sendAll().finally(() => (this.sending = undefined));
    return { kept };
  }

  private add(waiting: Waiting): void {
    this.waiting.push(waiting);
    this.waitingBytes += waiting.bytes;
  }

  private async sendAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // what is published in one turn of the event loop shares a batch
    while (this.waiting.length > 0) {
      const batch = this.take();
      await this.keep(batch).then(
        () => settle(batch),
        (error: unknown) => this.fail(batch, error),
      );
    }
  }

  private take(): Waiting[] {
    let [count, bytes] = [0, 0];
    while (count < Math.min(this.waiting.length, batchMessages) && (count === 0 || bytes + this.waiting[count]!.bytes <= batchBytes)) bytes += this.waiting[count++]!.bytes;
    this.waitingBytes -= bytes;
    this.room.resolve();
    this.room = Promise.withResolvers();
    return this.waiting.splice(0, count);
  }

  private async keep(batch: readonly Waiting[]): Promise<void> {
    let rest = batch;
    for (let attempt = 1; ; attempt++) {
      try {
        const kept = await (await this.current()).send(rest.map(({ message }) => message));
        rest = rest.filter(({ message }) => !kept.has(placeOf(message)));
        if (rest.length === 0) return;
        throw new TopicsUnavailable(new Error('A partition was not acknowledged'));
      } catch (error) {
        void this.dropSender();
        if (attempt === producers || this.closed || !(isLostProducer(error) || error instanceof TopicsUnavailable)) throw error;
      }
    }
  }

  private async fail(batch: readonly Waiting[], error: unknown): Promise<void> {
    const tickets = [...new Set(batch.map(({ ticket }) => ticket))];
    if (isAway(error) || isLostProducer(error)) {
      this.failures++;
      for (const ticket of tickets) ticket.reject(toFailure(error));
      this.refuseWaiting(toFailure(error));
    } else if (tickets.length === 1) {
      tickets[0]!.reject(toFailure(error));
      this.forget(tickets[0]!);
    } else {
      await this.keepEach(tickets.map((ticket) => batch.filter((each) => each.ticket === ticket)));
    }
  }

  /** One of several cannot be kept: it fails alone. */
  private async keepEach(parts: readonly (readonly Waiting[])[]): Promise<void> {
    const { failures } = this;
    for (const part of parts) {
      if (failures === this.failures) await this.keep(part).then(() => settle(part), (error: unknown) => this.fail(part, error));
      else part[0]!.ticket.reject(new TopicsUnavailable());
    }
  }

  private refuseWaiting(error: Error): void {
    for (const { ticket } of this.waiting.splice(0)) ticket.reject(error);
    this.waitingBytes = 0;
    this.room.resolve();
    this.room = Promise.withResolvers();
  }

  private forget(ticket: Ticket): void {
    const others = this.waiting.splice(0).filter((each) => each.ticket !== ticket);
    this.waitingBytes = 0;
    for (const each of others) this.add(each);
  }

  private current(): Promise<Sender> {
    if (this.closed) throw closedError();
    this.sender ??= this.options.open();
    return this.sender;
  }

  private async dropSender(): Promise<void> {
    const { sender } = this;
    this.sender = undefined;
    await sender?.then((opened) => opened.close()).catch(() => undefined); // it is given up in any case
  }
}

const closedError = (): Error => new Error('The topics are closed');

const settle = (batch: readonly Waiting[]): void => {
  for (const { ticket } of batch) if (--ticket.left === 0) ticket.resolve();
};

const bytesOf = ({ key, value, headers }: PlacedMessage): number =>
  64 + Buffer.byteLength(key) + (value?.byteLength ?? 0) + Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + Buffer.byteLength(text) + 4, 0);

/** Waits for a promise, but not longer. */
export const within = async (ms: number, promise: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise.catch(() => undefined), new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
};
