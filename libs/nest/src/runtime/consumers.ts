import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CachedKeyRing, type Clock, type Consumer, DeadLetters, type EventStore, type Failure, type GroupLag, runConsumer, type TopicMessage, type Topics, type Views, WaitingKeys,
} from '@kendt/eventsourcing';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { type MessageFate, observedMessages } from '../observed/observed-messages.js';
import type { Metrics } from '../operators/metrics.js';
import type { Tracing } from '../tracing/tracing.js';
import { fault } from '../logs/stack-frames.js';
import { CLOCK, CONFIG, EVENT_STORE, KEY_RING, LOGGER, METRICS, TOPICS, TRACING, VIEWS } from '../tokens.js';
import { recordRefusal } from './refused-messages.js';

export interface ConsumerState {
  readonly group: string;
  running: boolean;
}

/** What became of messages of one topic since the start. */
export interface ConsumerCount {
  readonly group: string;
  readonly topic: string;
  /** Why, where they were given up; absent where they went to the retry topic. */
  readonly reason?: string;
  readonly messages: number;
}

const pauseAfterFailure = 1000;

/** Everything in this process that reads topics. Add in `onModuleInit`; all start with the application. */
@Injectable()
export class Consumers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #consumers: Consumer[] = [];
  readonly #states = new Map<string, ConsumerState>();
  readonly #counts = new Map<string, ConsumerCount>();
  readonly #fates = new WeakMap<TopicMessage, MessageFate>();
  readonly #abort = new AbortController();
  readonly letters: DeadLetters;
  #done: readonly Promise<void>[] = [];

  constructor(
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(VIEWS) private readonly views: Views,
    @Inject(KEY_RING) private readonly keys: CachedKeyRing,
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(TRACING) private readonly tracing: Tracing,
  ) {
    this.letters = new DeadLetters({ topics, views });
  }

  add(consumer: Consumer): void {
    if (this.#states.has(consumer.group)) throw new Error(`There are two consumers in the group ${consumer.group}`);
    this.#states.set(consumer.group, { group: consumer.group, running: false });
    this.#consumers.push(consumer);
  }

  states(): readonly ConsumerState[] {
    return [...this.#states.values()];
  }

  counts(): readonly ConsumerCount[] {
    return [...this.#counts.values()];
  }

  /** Takes out of dead letters what stood in messages of this customer. */
  async forget(customerId: string): Promise<void> {
    for (const { group, personal } of this.#consumers) if (personal) await this.letters.forget(customerId, group);
  }

  /** By group: how many keys wait because a message of theirs could not be handled. */
  async waiting(): Promise<readonly { readonly group: string; readonly keys: number }[]> {
    return Promise.all(this.#consumers.map(async ({ group }) => ({ group, keys: await new WaitingKeys(this.views, group).count() })));
  }

  async lag(): Promise<readonly (GroupLag & { readonly group: string })[]> {
    const lags = await Promise.all(this.#consumers.map(async ({ group, topics }) => (await this.topics.lag(group, topics)).map((lag) => ({ group, ...lag }))));
    return lags.flat();
  }

  onApplicationBootstrap(): void {
    this.#done = this.#consumers.map((consumer) => this.#run(consumer));
  }

  async onApplicationShutdown(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#done);
  }

  /** A broken connection is taken up again for as long as the process lives. */
  async #run(consumer: Consumer): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        this.#change(consumer, { running: true });
        await this.#consume(consumer, signal);
        return;
      } catch (error) {
        this.#change(consumer, { running: false });
        this.logger.error({ group: consumer.group, ...fault(error) }, 'The consumer stopped; it starts again');
        await sleep(pauseAfterFailure, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #consume(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const isErased = (customerId: string): Promise<boolean> => this.keys.isDestroyed(customerId, 'purchases');
    const topics = observedMessages(this.topics, { logger: this.logger, metrics: this.metrics, tracing: this.tracing }, (message) => this.#fates.get(message));
    return runConsumer({ topics, views: this.views, isErased }, consumer, signal, {
      retryDelays: this.config.retryDelays,
      onRetry: (message, { code }) => this.#retried(consumer, message, code),
      onDeadLetter: (message, failure) => this.#given(consumer, message, failure),
    });
  }

  #change({ group }: Consumer, change: Partial<ConsumerState>): void {
    Object.assign(this.#states.get(group) ?? {}, change);
  }

  #retried({ group }: Consumer, message: TopicMessage, code: string): void {
    const { topic } = message;
    this.#fates.set(message, { outcome: 'set_aside', code });
    this.#count(group, topic);
    this.logger.warn({ group, topic, code }, 'A message could not be handled and is tried again later');
  }

  async #given({ group }: Consumer, message: TopicMessage, failure: Failure): Promise<void> {
    const { topic } = message;
    this.#fates.set(message, { outcome: 'dead_letter', code: failure.code });
    if (failure.forbidden) await recordRefusal(this.events, this.clock, message, failure.code);
    this.#count(group, topic, failure.code);
    this.logger.warn({ group, topic, code: failure.code, error: failure.error }, 'A message went to the dead letters');
  }

  #count(group: string, topic: string, reason?: string): void {
    const id = JSON.stringify([group, topic, reason]);
    this.#counts.set(id, { group, topic, ...(reason !== undefined && { reason }), messages: (this.#counts.get(id)?.messages ?? 0) + 1 });
  }
}
