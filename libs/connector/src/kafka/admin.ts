import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicMetadata } from 'kafkajs';
import type { KafkaClient, OpenedKafka } from './client.js';
import { differences, type KafkaTopic, settingsOf, type TopicThere, withDefaults } from './definition.js';
import { isMoving, kindOf, toFailure, TopicsUnavailable } from './failures.js';
import type { Bounds, Offsets, Position } from './positions.js';
import { within } from './publisher.js';

const leadersWithinMs = 30_000;
const lookAgainMs = 50;
/** Brokers learn of a new topic one after the other: the one that is asked may not know what another has just made. */
const knownWithinMs = 1_000;
const attempts = 8;
/** Kafka's own topics, which nobody else reads. */
const internal = /^__/;

/** What is asked of a cluster beside publishing and consuming. */
export class KafkaAdmin implements Offsets {
  private opened: (OpenedKafka & { readonly admin: Promise<Admin> }) | undefined;

  private asked: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: KafkaClient) {}

  /** Makes topics that are missing, and resolves once each partition has a leader. @throws Error naming every setting in which one that is there differs; then none is made. */
  async ensure(definitions: readonly KafkaTopic[]): Promise<void> {
    const wanted = definitions.map((definition) => withDefaults(definition, this.client.address));
    const there = new Set(await this.names());
    const old = wanted.filter(({ name }) => there.has(name));
    const missing = wanted.filter(({ name }) => !there.has(name));
    await this.mustAgree(old);
    if (missing.length === 0) return;
    await this.create(missing);
    await this.awaitLeaders(missing.map(({ name }) => name));
    await this.mustAgree(missing); // another process may have been first
  }

  async names(): Promise<string[]> {
    return (await this.ask((admin) => admin.listTopics())).filter((name) => !internal.test(name)).sort();
  }

  /** @throws Error when the topic was never made. */
  async partitions(topic: string): Promise<number> {
    const [metadata] = await this.metadata([topic]);
    return metadata!.partitions.length;
  }

  async bounds(topic: string): Promise<readonly Bounds[]> {
    return this.ofTopic(topic, (admin) => admin.fetchTopicOffsets(topic));
  }

  async since(topic: string, ms: number): Promise<readonly Position[]> {
    return this.ofTopic(topic, (admin) => admin.fetchTopicOffsetsByTimestamp(topic, ms));
  }

  /** Where a group is; partitions in which it has committed nothing are left out. */
  async committed(groupId: string, topic: string): Promise<readonly Position[]> {
    const [found] = await this.ofTopic(topic, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    return (found?.partitions ?? []).filter(({ offset }) => BigInt(offset) >= 0n);
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    if (!opened) return;
    await within(this.client.timing.close, opened.admin.then((admin) => admin.disconnect()));
    opened.cut();
  }

  /** Asking for a topic that is not there makes the client try for seconds, so it is looked for first. */
  private async ofTopic<T>(topic: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    await this.mustBeThere([topic]);
    return this.ask(work);
  }

  private async metadata(topics: string[]): Promise<ITopicMetadata[]> {
    await this.mustBeThere(topics);
    return (await this.ask((admin) => admin.fetchTopicMetadata({ topics }))).topics;
  }

  private async mustBeThere(topics: readonly string[]): Promise<void> {
    for (const latest = Date.now() + knownWithinMs; ; await sleep(lookAgainMs)) {
      const there = new Set(await this.names());
      const missing = topics.find((name) => !there.has(name));
      if (missing === undefined) return;
      if (Date.now() >= latest) throw new Error(`Topic ${missing} does not exist`);
    }
  }

  private async mustAgree(definitions: readonly KafkaTopic[]): Promise<void> {
    if (definitions.length === 0) return;
    const there = await this.there(definitions.map(({ name }) => name));
    const found = definitions.flatMap((definition) => differences(definition, there.get(definition.name)!));
    if (found.length > 0) throw new Error(found.join('; '));
  }

  private async there(names: string[]): Promise<ReadonlyMap<string, TopicThere>> {
    const resources = names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }));
    const { resources: described } = await this.ask((admin) => admin.describeConfigs({ resources, includeSynonyms: false }));
    const settings = new Map(described.map(({ resourceName, configEntries }) => [resourceName, Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue]))]));
    const metadata = await this.metadata(names);
    return new Map(metadata.map(({ name, partitions }) => [name, { partitions: partitions.length, replication: partitions[0]?.replicas.length ?? 0, settings: settings.get(name) ?? {} }]));
  }

  private async create(definitions: readonly KafkaTopic[]): Promise<void> {
    const topics = definitions.map((definition) => ({
      topic: definition.name,
      ...(definition.partitions !== undefined && { numPartitions: definition.partitions }),
      ...(definition.replication !== undefined && { replicationFactor: definition.replication }),
      configEntries: Object.entries(settingsOf(definition)).map(([name, value]) => ({ name, value })),
    }));
    await this.ask(async (admin) => {
      try {
        await admin.createTopics({ topics, waitForLeaders: false, timeout: this.client.timing.request });
      } catch (error) {
        if (kindOf(error) !== 'TOPIC_ALREADY_EXISTS') throw error;
      }
    });
  }

  private async awaitLeaders(topics: string[]): Promise<void> {
    const deadline = Date.now() + leadersWithinMs;
    while (!(await this.haveLeaders(topics))) {
      if (Date.now() > deadline) throw new TopicsUnavailable(new Error('A topic that was made has no leader'));
      await sleep(lookAgainMs);
    }
  }

  private async haveLeaders(topics: string[]): Promise<boolean> {
    const there = new Set(await this.names());
    if (!topics.every((name) => there.has(name))) return false;
    return (await this.metadata(topics)).every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
  }

  /** One question at a time: the client mixes up the answers of several. */
  private ask<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const answer = this.asked.then(() => this.askNow(work));
    this.asked = answer.catch(() => undefined);
    return answer;
  }

  /** After a failure the client is asked anew, with new connections; at once where a leader has only just been chosen. */
  private async askNow<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const opened = this.connected();
      try {
        return await work(await opened.admin);
      } catch (error) {
        const failure = toFailure(error);
        if (failure instanceof TopicsUnavailable && this.opened === opened) void this.close();
        if (attempt === attempts || !isMoving(error)) throw failure;
      }
      await sleep(lookAgainMs * attempt);
    }
  }

  private connected(): OpenedKafka & { readonly admin: Promise<Admin> } {
    if (this.opened) return this.opened;
    const client = this.client.open();
    const admin = client.kafka.admin();
    this.opened = { ...client, admin: admin.connect().then(() => admin) };
    return this.opened;
  }
}
