import { type From, GroupIsConsuming, type TopicLag } from '../reading.js';
import { KafkaAdmin } from './admin.js';
import { KafkaClient, type KafkaOptions } from './client.js';
import { consumeKafka, type KafkaConsumeOptions } from './consuming.js';
import type { KafkaTopic } from './definition.js';
import type { KafkaRecord } from './message.js';
import type { PlacedOffset } from './commits.js';
import { boundsUntil, lagOf, type Position, positionsFrom } from './positions.js';
import { type PlacedMessage, Publisher, within } from './publisher.js';
import { KafkaReader } from './reader.js';
import { commitFromOutside } from './rewind.js';
import { openSender, partitionOf } from './sender.js';

export type KafkaMessageOut = Omit<PlacedMessage, 'partition'>;

/** The topics of a Kafka cluster. What the embedded topic log is for one file. */
export class KafkaLog {
  private readonly admin: KafkaAdmin;
  private readonly publisher: Publisher<KafkaMessageOut>;
  private readonly partitions = new Map<string, number>();
  private readonly closing = new AbortController();
  private readonly consuming = new Set<Promise<void>>();

  private constructor(private readonly client: KafkaClient) {
    this.admin = new KafkaAdmin(client);
    this.publisher = new Publisher({
      open: () => (this.partitions.clear(), openSender(client)),
      place: (messages) => this.place(messages),
    });
  }

  /** Connects when there is something to do. @throws Error with one sentence for the operator when a setting is wrong. */
  static open(options: KafkaOptions): KafkaLog {
    return new KafkaLog(new KafkaClient(options));
  }

  /** @throws Error naming each setting in which a topic that is there differs; TopicsUnavailable, also for an empty list. */
  async ensure(definitions: readonly KafkaTopic[]): Promise<void> {
    this.mustBeOpen();
    await this.admin.ensure(definitions);
  }

  /** @throws TopicsUnavailable after a bounded number of tries: then the same must be published again. */
  async publish(messages: readonly KafkaMessageOut[]): Promise<void> {
    this.mustBeOpen();
    await this.publisher.publish(messages);
  }

  async consume(options: KafkaConsumeOptions): Promise<void> {
    this.mustBeOpen();
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    const begin = (group: string, topics: readonly string[], from: From): Promise<void> => this.begin(group, topics, from);
    const consuming = consumeKafka({ client: this.client, admin: this.admin, begin }, { ...options, signal });
    this.consuming.add(consuming);
    await consuming.finally(() => this.consuming.delete(consuming));
  }

  /** Each partition in order, one after the other, up to where it ended when reading began. */
  async *read(topic: string, from: From = 'start', signal?: AbortSignal): AsyncGenerator<KafkaRecord> {
    this.mustBeOpen();
    const bounds = await this.admin.bounds(topic);
    const positions = await positionsFrom(topic, from, this.admin);
    const reader = new KafkaReader(this.client);
    try {
      for (const { partition, low, high } of bounds) {
        const offset = positions.find((one) => one.partition === partition)?.offset ?? low;
        yield* reader.read(topic, { partition, offset: BigInt(offset) > BigInt(low) ? offset : low }, high, signal);
      }
    } finally {
      await reader.close();
    }
  }

  /** One message again; undefined when the topic no longer keeps it. */
  async find({ topic, partition, offset }: { readonly topic: string } & Position): Promise<KafkaRecord | undefined> {
    const there = (await this.admin.names()).includes(topic) ? (await this.admin.bounds(topic)).find((one) => one.partition === partition) : undefined;
    if (!there || BigInt(offset) < BigInt(there.low)) return undefined;
    const reader = new KafkaReader(this.client);
    try {
      const found = await Array.fromAsync(reader.read(topic, { partition, offset }, String(BigInt(offset) + 1n)));
      return found[0];
    } finally {
      await reader.close();
    }
  }

  /** @throws GroupIsConsuming. */
  async rewind(group: string, topic: string, from: From): Promise<void> {
    this.mustBeOpen();
    await commitFromOutside(this.client, group, topic, await positionsFrom(topic, from, this.admin));
  }

  /** With `until`, of the messages that come before. */
  async lag(group: string, choice: readonly string[] | RegExp, until?: readonly PlacedOffset[]): Promise<TopicLag[]> {
    const lags = (await this.chosen(choice)).map(async (topic) => {
      const bounds = await this.admin.bounds(topic);
      return { topic, messages: lagOf(until ? boundsUntil(topic, bounds, until) : bounds, await this.admin.committed(group, topic)) };
    });
    return Promise.all(lags);
  }

  /** Where the next message of each partition will come. */
  async ends(choice: readonly string[] | RegExp): Promise<readonly PlacedOffset[]> {
    const ends = (await this.chosen(choice)).map(async (topic) => (await this.admin.bounds(topic)).map(({ partition, high }) => ({ topic, partition, offset: high })));
    return (await Promise.all(ends)).flat();
  }

  async names(): Promise<readonly string[]> {
    this.mustBeOpen();
    return this.admin.names();
  }

  /** Waits for what is in hand and under way, but not for brokers that are away. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([this.publisher.close(this.client.timing.close), within(this.client.timing.close * 2, Promise.allSettled(this.consuming))]);
    await this.admin.close();
  }

  /** Only in partitions in which the group has committed nothing. Who comes later finds it done, and is refused, which is as good. */
  private async begin(group: string, topics: readonly string[], from: From): Promise<void> {
    if (from === 'start') return;
    for (const topic of topics) {
      const committed = await this.admin.committed(group, topic);
      const fresh = (await positionsFrom(topic, from, this.admin)).filter(({ partition }) => !committed.some((one) => one.partition === partition));
      await commitFromOutside(this.client, group, topic, fresh).catch((error: unknown) => {
        if (!(error instanceof GroupIsConsuming)) throw error;
      });
    }
  }

  private async place(messages: readonly KafkaMessageOut[]): Promise<readonly PlacedMessage[]> {
    const unknown = new Set(messages.map(({ topic }) => topic).filter((topic) => !this.partitions.has(topic)));
    for (const topic of unknown) this.partitions.set(topic, await this.admin.partitions(topic));
    return messages.map((message) => ({ ...message, partition: partitionOf(message.key, this.partitions.get(message.topic)!) }));
  }

  private async chosen(choice: readonly string[] | RegExp): Promise<string[]> {
    this.mustBeOpen();
    return (await this.admin.names()).filter((name) => (choice instanceof RegExp ? name.search(choice) >= 0 : choice.includes(name)));
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new Error('The topics are closed');
  }
}
