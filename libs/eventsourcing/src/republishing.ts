import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EventStore, keyOf, type Position, START, type StoredEvent } from './event-store.port.js';
import { isAway } from './failures.js';
import type { FollowerLoop } from './follower.loop.js';
import { reasonOf } from './parked.js';
import { type PublishingFollower } from './publisher.js';
import type { OutgoingMessage } from './topics.port.js';

export interface RepublishWish {
  readonly topic: string;
  /** `start`, or the time (ISO 8601 UTC) from which on events are told again. */
  readonly from: string;
  /** Counts, and sends nothing. */
  readonly dryRun: boolean;
}

export interface Republication extends RepublishWish {
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Events of the publisher that were read. */
  readonly events: number;
  readonly messages: number;
  /** Events that have no message because they cannot be mapped, or that come after such a one of the same customer. */
  readonly skipped: number;
  readonly position: Position;
  /** Where it ends: everything later is published in the ordinary way. */
  readonly upTo: Position;
  readonly reason?: string;
}

interface Deps {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly following: Pick<FollowerLoop, 'between' | 'position'>;
  readonly follower: PublishingFollower;
}

/**
 * The messages of a topic once more, from the event log, with the same ids. The publisher takes nothing new in the meantime, so that a
 * topic that is empty gets everything in order per customer; a reader that has seen it all before drops it as a repetition.
 */
export class Republishing {
  progress: Republication;
  readonly ended: Promise<void>;

  constructor(
    private readonly deps: Deps,
    wish: RepublishWish,
  ) {
    this.progress = { ...wish, state: 'running', startedAt: new Date().toISOString(), events: 0, messages: 0, skipped: 0, position: START, upTo: deps.following.position };
    this.ended = this.#run().then(
      (state) => this.#end(state),
      (error: unknown) => this.#end('failed', reasonOf(error)),
    );
  }

  async #run(): Promise<Republication['state']> {
    const { following } = this.deps;
    if (this.progress.dryRun) return this.#through(new AbortController().signal);
    return following.between(async (signal) => {
      this.#note({ upTo: following.position });
      return this.#through(signal);
    });
  }

  async #through(stopped: AbortSignal): Promise<Republication['state']> {
    const { store, follower } = this.deps;
    const { upTo } = this.progress;
    const enough = new AbortController();
    const held = new Set<string>();
    try {
      for await (const { events, position, caughtUp } of store.subscribe({ after: START, categories: follower.categories, signal: AbortSignal.any([stopped, enough.signal]) })) {
        if (stopped.aborted) break;
        const due = events.filter((event) => event.position <= upTo);
        await this.#send(due, held, stopped);
        if (stopped.aborted) break;
        this.#note({ position: position < upTo ? position : upTo });
        if (caughtUp || position >= upTo) return 'done';
        await nextTurn();
      }
      return 'stopped';
    } finally {
      enough.abort();
    }
  }

  async #send(events: readonly StoredEvent[], held: Set<string>, stopped: AbortSignal): Promise<void> {
    const { from, dryRun } = this.progress;
    const messages: OutgoingMessage[] = [];
    for (const event of events) if (from === 'start' || event.metadata.recordedAt >= from) messages.push(...(await this.#messagesOf(event, held)));
    if (stopped.aborted) return;
    if (messages.length > 0 && !dryRun) await this.deps.follower.publish(messages);
    this.#note({ events: this.progress.events + events.length, messages: this.progress.messages + messages.length });
  }

  async #messagesOf(event: StoredEvent, held: Set<string>): Promise<readonly OutgoingMessage[]> {
    const key = keyOf(event.stream);
    try {
      if (!held.has(key)) return (await this.deps.follower.publisher.map(event)).filter(({ topic }) => topic === this.progress.topic);
    } catch (error) {
      if (isAway(error)) throw error;
      held.add(key);
    }
    this.#note({ skipped: this.progress.skipped + 1 });
    return [];
  }

  #note(change: Partial<Republication>): void {
    this.progress = { ...this.progress, ...change };
  }

  #end(state: Republication['state'], reason?: string): void {
    this.#note({ state, endedAt: new Date().toISOString(), ...(reason !== undefined && { reason }) });
  }
}
