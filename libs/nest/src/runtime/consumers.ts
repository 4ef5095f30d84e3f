import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumer, runConsumer, type Topics } from '@kendt/eventsourcing';
import type { Logger } from 'pino';
import { stackFrames } from '../logs/stack-frames.js';
import { LOGGER, TOPICS } from '../tokens.js';

export interface ConsumerState {
  readonly group: string;
  running: boolean;
  deadLetters: number;
}

const pauseAfterFailure = 1000;

/** Everything in this process that reads topics. Add in `onModuleInit`; all start with the application. */
@Injectable()
export class Consumers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #consumers: Consumer[] = [];
  readonly #states = new Map<string, ConsumerState>();
  readonly #abort = new AbortController();
  #done: readonly Promise<void>[] = [];

  constructor(
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  add(consumer: Consumer): void {
    if (this.#states.has(consumer.group)) throw new Error(`There are two consumers in the group ${consumer.group}`);
    this.#states.set(consumer.group, { group: consumer.group, running: false, deadLetters: 0 });
    this.#consumers.push(consumer);
  }

  states(): readonly ConsumerState[] {
    return [...this.#states.values()];
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
        await runConsumer(this.topics, consumer, signal, { onDeadLetter: (message, reason) => this.#deadLetter(consumer, message.topic, reason) });
        return;
      } catch (error) {
        this.#change(consumer, { running: false });
        this.logger.error({ group: consumer.group, error: error instanceof Error ? error.name : undefined, stack: stackFrames(error) }, 'The consumer stopped; it starts again');
        await sleep(pauseAfterFailure, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #change({ group }: Consumer, change: Partial<ConsumerState>): void {
    Object.assign(this.#states.get(group) ?? {}, change);
  }

  #deadLetter({ group }: Consumer, topic: string, reason: string): void {
    const state = this.#states.get(group);
    if (state) state.deadLetters += 1;
    this.logger.warn({ group, topic, code: reason }, 'A message went to the dead letters');
  }
}
