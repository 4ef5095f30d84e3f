import { randomUUID } from 'node:crypto';
import type { ConsumeControl, From } from './reading.js';
import type { LogMessage, TopicChoice, TopicLog } from './topic-log.js';

export interface ConsumeLogOptions {
  readonly topics: TopicChoice;
  readonly group: string;
  /** Where a group starts that has never committed; the start unless told. */
  readonly from?: From;
  /** The offset is committed once this has resolved; when it rejects, the message comes again, and its key waits. */
  readonly handle: (message: LogMessage) => Promise<void>;
  readonly signal: AbortSignal;
  /** Handed over once the group consumes. */
  readonly control?: (control: ConsumeControl) => void;
}

interface Waiting {
  readonly tries: number;
  readonly until: number;
}

const leaseMs = 10_000;
/** After a crash, a group counts as consuming for this long. */
const memberMs = 60_000;
const firstRetryMs = 50;
const longestRetryMs = 5_000;
const roundSize = 100;
const idleMs = 1_000;

/**
 * Hands a group its messages, one at a time. A key whose message cannot be handled waits, and others go on. Resolves when
 * `signal` aborts and the message in hand is done.
 */
export const consumeLog = (log: TopicLog, options: ConsumeLogOptions): Promise<void> => new Member(log, options).run();

class Member {
  private readonly name = randomUUID();
  /** Handled, but behind one that was not: they cannot be committed yet. */
  private readonly handled = new Set<string>();
  private readonly waiting = new Map<string, Waiting>();
  private holds = false;
  private paused = false;

  constructor(
    private readonly log: TopicLog,
    private readonly options: ConsumeLogOptions,
  ) {}

  async run(): Promise<void> {
    const { topics, group, from = 'start', signal, control } = this.options;
    await this.log.whenFree(() => this.log.enter(group, this.name, memberMs));
    const stay = setInterval(() => void this.stay(), memberMs / 3).unref();
    const prolong = setInterval(() => void this.prolongQuietly(), leaseMs / 3).unref();
    try {
      await this.log.whenFree(() => this.log.join(group, topics, from));
      control?.({ pause: () => this.pauseHandling(true), resume: () => this.pauseHandling(false) });
      while (!signal.aborted) {
        const mark = this.log.mark();
        const messages = await this.take();
        await this.handleEach(messages);
        const pause = this.pause(messages.length);
        if (this.waiting.size === 0) await this.release();
        if (pause > 0) await this.log.changed(signal, pause, mark);
      }
    } finally {
      clearInterval(prolong);
      clearInterval(stay);
      await this.release();
      await this.log.whenFree(() => this.log.leave(group, this.name));
    }
  }

  /** The next messages, if there are any and it is this member's turn. */
  private async take(): Promise<LogMessage[]> {
    if (this.paused) return [];
    const { topics, group } = this.options;
    const limit = roundSize + this.handled.size + this.waiting.size;
    if (!this.holds && this.log.poll({ topics, group, limit: 1 }).length === 0) return [];
    await this.log.whenFree(() => this.prolong());
    return this.holds ? this.log.poll({ topics, group, limit }) : []; // polled again: the member before us has committed
  }

  private async handleEach(messages: readonly LogMessage[]): Promise<void> {
    const heldTopics = new Set<string>();
    const heldKeys = new Set<string>(); // kept for the round: a wait may end in the middle of it, and a later message must not overtake
    for (const message of messages) {
      if (this.options.signal.aborted || !this.holds || this.paused) return;
      const key = JSON.stringify([message.topic, message.key]);
      if (heldKeys.has(key) || !(await this.handleOne(message, key))) {
        heldKeys.add(key);
        heldTopics.add(message.topic);
      } else if (heldTopics.has(message.topic)) this.handled.add(message.offset);
      else await this.commit(message);
    }
  }

  private async handleOne(message: LogMessage, key: string): Promise<boolean> {
    if (this.handled.has(message.offset)) return true;
    const before = this.waiting.get(key);
    if (before && before.until > Date.now()) return false;
    try {
      await this.options.handle(message);
      this.waiting.delete(key);
      return true;
    } catch {
      const tries = (before?.tries ?? 0) + 1;
      this.waiting.set(key, { tries, until: Date.now() + Math.min(firstRetryMs * 2 ** (tries - 1), longestRetryMs) });
      return false;
    }
  }

  private async commit({ topic, partition, offset }: LogMessage): Promise<void> {
    await this.log.whenFree(() => this.log.commit(this.options.group, topic, partition, offset));
    this.handled.delete(offset);
  }

  /** How long nothing can be done unless something changes. */
  private pause(taken: number): number {
    if (this.paused) return idleMs;
    const soonest = Math.min(idleMs, ...[...this.waiting.values()].map(({ until }) => until - Date.now()));
    return taken === 0 || this.waiting.size > 0 ? Math.max(soonest, 1) : 0;
  }

  private pauseHandling(paused: boolean): void {
    this.paused = paused;
    this.log.wake();
  }

  /** Where the file is locked by another process the next time will do, before it runs out. */
  private async stay(): Promise<void> {
    await this.log.whenFree(() => this.log.enter(this.options.group, this.name, memberMs)).catch(() => undefined);
  }

  /** As {@link stay}. */
  private async prolongQuietly(): Promise<void> {
    await this.log.whenFree(() => this.holds && this.prolong()).catch(() => undefined);
  }

  private prolong(): void {
    this.holds = this.log.lease(this.options.group, this.name, leaseMs);
    if (!this.holds) this.forget(); // another member has taken over from the last commit
  }

  private async release(): Promise<void> {
    if (this.holds) await this.log.whenFree(() => this.log.release(this.options.group, this.name));
    this.holds = false;
    this.forget();
  }

  private forget(): void {
    this.handled.clear();
    this.waiting.clear();
  }
}
