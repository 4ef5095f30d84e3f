import type { KafkaMessage } from 'kafkajs';
import { type KafkaRecord, toRecord } from './message.js';

export interface LaneOptions {
  readonly topic: string;
  readonly partition: number;
  readonly handle: (record: KafkaRecord) => Promise<void>;
  readonly handled: (next: string) => void;
  /** Resolves when messages may be handed over, or the signal aborts. */
  readonly mayGoOn: (signal: AbortSignal) => Promise<void>;
  /** Called when the lane is too full to take more, and again when there is room. */
  readonly full: (full: boolean) => void;
}

const mostBytes = 1024 * 1024;
const firstRetryMs = 50;
const longestRetryMs = 5_000;

/** The messages of one partition, handled one after the other. Lanes do not wait for each other. */
export class Lane {
  private readonly queue: KafkaMessage[] = [];
  private readonly stopping = new AbortController();
  private bytes = 0;
  private isFull = false;
  private working: Promise<void> | undefined;
  private after: bigint | undefined;

  /** `before`: the lane that had this partition until now, of which a message may still be in hand. */
  constructor(
    private readonly options: LaneOptions,
    private readonly before?: Lane,
  ) {}

  /** The next message to be handled, if that is known. */
  get next(): string | undefined {
    return this.after === undefined ? this.queue[0]?.offset : String(this.after);
  }

  get done(): Promise<void> {
    return this.working ?? Promise.resolve();
  }

  take(messages: readonly KafkaMessage[]): void {
    if (this.stopping.signal.aborted) return;
    for (const message of messages) {
      this.queue.push(message);
      this.bytes += bytesOf(message);
    }
    this.watch();
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  /** Takes up nothing more; {@link done} resolves when the message in hand is finished. */
  stop(): void {
    this.stopping.abort();
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    await this.before?.done;
    for (let tries = 0; this.queue.length > 0; ) {
      await this.options.mayGoOn(signal);
      if (signal.aborted) return;
      if (this.isHandled(this.queue[0]!) || (await this.attempt(this.queue[0]!))) {
        this.shift();
        tries = 0;
      } else await pause(Math.min(firstRetryMs * 2 ** tries++, longestRetryMs), signal);
    }
  }

  /** By the lane before, which was not waited for to the end. */
  private isHandled({ offset }: KafkaMessage): boolean {
    return this.before?.after !== undefined && BigInt(offset) < this.before.after;
  }

  private async attempt(message: KafkaMessage): Promise<boolean> {
    try {
      await this.options.handle(toRecord(this.options.topic, this.options.partition, message));
    } catch {
      return false;
    }
    return true;
  }

  private shift(): void {
    const message = this.queue.shift()!;
    this.after = BigInt(message.offset) + 1n;
    this.bytes -= bytesOf(message);
    this.options.handled(String(this.after));
    this.watch();
  }

  private watch(): void {
    const full = this.isFull ? this.bytes > mostBytes / 2 : this.bytes > mostBytes;
    if (full === this.isFull) return;
    this.isFull = full;
    this.options.full(full);
  }
}

const bytesOf = ({ key, value }: KafkaMessage): number => 100 + (key?.byteLength ?? 0) + (value?.byteLength ?? 0);

/** Ends early when the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
