import type { KafkaMessage } from 'kafkajs';
import { type KafkaRecord, toRecord } from './message.js';
import { Progress } from './progress.js';

export interface LaneOptions {
  readonly topic: string;
  readonly partition: number;
  /** How many messages may be in hand at once, each of another key. One: every message waits for the one before it. */
  readonly width: number;
  readonly handle: (record: KafkaRecord) => Promise<void>;
  /** Everything before this offset is handled. */
  readonly handled: (next: string) => void;
  /** Resolves when messages may be handed over, or the signal aborts. */
  readonly mayGoOn: (signal: AbortSignal) => Promise<void>;
  /** Called when the lane is too full to take more, and again when there is room. */
  readonly full: (full: boolean) => void;
}

interface Entry {
  /** Its content is let go of once it is handled, also while it waits for one before it. */
  message: KafkaMessage | undefined;
  readonly offset: bigint;
  readonly key: string;
  readonly bytes: number;
}

const mostBytes = 1024 * 1024;
/** Of each message, also when it is handled but one before it is not: so few of them are ever handled again. */
const overhead = 100;
const firstRetryMs = 50;
const longestRetryMs = 5_000;

/** The messages of one partition: those of one key one after the other, those of different keys side by side. Lanes do not wait for each other. */
export class Lane {
  /** From the first that is not handled. */
  private readonly entries: Entry[] = [];
  /** The next of each key that has none in hand. */
  private readonly startable: Entry[] = [];
  /** By key, those behind the one that is startable or in hand. */
  private readonly behind = new Map<string, Entry[]>();
  private readonly stopping = new AbortController();
  private readonly progress: Progress;
  private before: Promise<void> | undefined;
  private working: PromiseWithResolvers<void> | undefined;
  private inHand = 0;
  private bytes = 0;
  private isFull = false;

  /** `before`: the lane that had this partition until now, of which messages may still be in hand. */
  constructor(
    private readonly options: LaneOptions,
    before?: Lane,
  ) {
    before?.stop();
    this.before = before?.done;
    this.progress = before?.progress ?? new Progress();
  }

  /** The first message that is not handled, if that is known. */
  get next(): string | undefined {
    const next = this.progress.upTo ?? this.entries[0]?.offset;
    return next === undefined ? undefined : String(next);
  }

  get done(): Promise<void> {
    return this.working?.promise ?? this.before ?? Promise.resolve();
  }

  take(messages: readonly KafkaMessage[]): void {
    if (this.stopping.signal.aborted || messages.length === 0) return;
    for (const message of messages) this.add(message);
    this.watch();
    if (this.working) return this.goOn();
    this.working = Promise.withResolvers();
    void this.begin();
  }

  /** Takes up nothing more; {@link done} resolves when what is in hand is finished. */
  stop(): void {
    this.stopping.abort();
  }

  private add(message: KafkaMessage): void {
    const key = this.options.width === 1 ? '' : (message.key?.toString() ?? '');
    const entry = { message, offset: BigInt(message.offset), key, bytes: bytesOf(message) };
    this.entries.push(entry);
    this.bytes += overhead + entry.bytes;
    const behind = this.behind.get(key);
    if (behind) return void behind.push(entry);
    this.behind.set(key, []);
    this.startable.push(entry);
  }

  private async begin(): Promise<void> {
    await this.before;
    this.before = undefined;
    this.goOn();
  }

  private goOn(): void {
    if (this.before) return;
    while (this.inHand < this.options.width && this.startable.length > 0 && !this.stopping.signal.aborted) void this.work(this.startable.shift()!);
    if (this.inHand > 0) return;
    this.working?.resolve();
    this.working = undefined;
  }

  private async work(entry: Entry): Promise<void> {
    this.inHand++;
    const isHandled = await this.finish(entry);
    this.inHand--;
    if (isHandled) this.settle(entry);
    this.goOn();
  }

  /** False when it was stopped before. */
  private async finish({ message, offset }: Entry): Promise<boolean> {
    const { signal } = this.stopping;
    for (let tries = 0; ; tries++) {
      await this.options.mayGoOn(signal);
      if (signal.aborted) return false;
      if (this.progress.has(offset) || (await this.attempt(message!))) return true;
      await pause(Math.min(firstRetryMs * 2 ** tries, longestRetryMs), signal);
    }
  }

  private async attempt(message: KafkaMessage): Promise<boolean> {
    try {
      await this.options.handle(toRecord(this.options.topic, this.options.partition, message));
    } catch {
      return false;
    }
    return true;
  }

  private settle(entry: Entry): void {
    entry.message = undefined;
    this.bytes -= entry.bytes;
    this.progress.add(entry.offset);
    const behind = this.behind.get(entry.key)!;
    if (behind.length > 0) this.startable.push(behind.shift()!);
    else this.behind.delete(entry.key);
    if (entry === this.entries[0]) this.move();
    this.watch();
  }

  /** Only up to the first that is not handled. */
  private move(): void {
    while (this.entries[0] && !this.entries[0].message) {
      this.progress.moveBehind(this.entries.shift()!.offset);
      this.bytes -= overhead;
    }
    this.options.handled(this.next!);
  }

  private watch(): void {
    const full = this.isFull ? this.bytes > mostBytes / 2 : this.bytes > mostBytes;
    if (full === this.isFull) return;
    this.isFull = full;
    this.options.full(full);
  }
}

const bytesOf = ({ key, value, headers }: KafkaMessage): number => {
  let bytes = (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
};

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
