import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { outgoingTopic, ownerOf } from '@kendt/contracts';
import { customer, customerStream } from '@kendt/domain';
import { type Clock, type EventStore, type OutgoingMessage, readState, timestamp, type Topics, type View, type Views } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE, EveryMinute, Followers, LOGGER, TOPICS, VIEWS } from '@kendt/nest';
import type { Logger } from 'pino';
import { profilesPublisher } from './profiles.publisher.js';

interface Sent {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dueAt: string;
}

const aMinute = 60_000;

/**
 * A broker closes a file only when a message comes, and compacts only what is closed: on a quiet topic a tombstone would lie beside the
 * profile that it deletes for ever. So it is sent once more when the file is due to be closed. Tests call {@link sweep}.
 */
@Injectable()
export class SecondTombstones implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  #view!: View<Sent>;
  readonly #turns = new EveryMinute(() => this.#sweep(), (error) => this.logger.error({ error: error instanceof Error ? error.name : undefined }, 'Tombstones could not be sent once more'));

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(VIEWS) private readonly views: Views,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#view = await this.views.open<Sent>({ name: 'second-tombstones@1', indexes: { due: ({ dueAt }) => dueAt } });
  }

  onApplicationBootstrap(): void {
    this.#turns.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#turns.end();
  }

  /** The topics, with a note of every tombstone that they have taken. */
  noting(): Pick<Topics, 'publish' | 'ensure'> {
    const { topics } = this;
    return {
      ensure: (definitions) => topics.ensure(definitions),
      publish: async (messages) => {
        await topics.publish(messages);
        await Promise.all(messages.filter(({ value }) => value === null).map((message) => this.#note(message)));
      },
    };
  }

  sweep(): Promise<void> {
    return this.#turns.now();
  }

  async #note({ topic, key, headers }: OutgoingMessage): Promise<void> {
    const closedAt = this.clock().getTime() + (outgoingTopic(topic).segmentMs ?? 0);
    await this.#view.put(`${topic}:${key}`, { topic, key, headers, dueAt: new Date(closedAt + aMinute).toISOString() });
  }

  /** Between two batches of the publisher: nothing newer may be overtaken. */
  async #sweep(): Promise<void> {
    const publisher = this.followers.publishers().find(({ follower }) => follower.name === profilesPublisher);
    if (!publisher || publisher.following.standsBy) return;
    await publisher.following.between(async (ended) => (ended.aborted ? undefined : this.#sendDue()));
  }

  async #sendDue(): Promise<void> {
    const { documents } = await this.#view.find('due', { upTo: timestamp(this.clock) }, { limit: 1000 });
    const messages: OutgoingMessage[] = [];
    for (const { topic, key, headers } of documents.map(({ value }) => value)) if (!(await this.#isBack(topic, key))) messages.push({ topic, key, value: null, headers });
    if (messages.length > 0) await this.topics.publish(messages);
    for (const { id } of documents) await this.#view.delete(id);
  }

  /** Whoever has joined the brand again has a profile there that must stay. */
  async #isBack(topic: string, customerId: string): Promise<boolean> {
    const state = await readState(this.store, customer, customerStream(customerId));
    return state.status !== 'absent' && state.status !== 'erased' && state.brands.includes(ownerOf(topic) ?? '');
  }
}
