import { setTimeout as delay } from 'node:timers/promises';
import { Bell } from '../bell.js';
import type { Clock } from '../clock.js';
import type { ConsumeOptions, OutgoingMessage, TopicDefinition, TopicMessage, Topics } from '../topics.port.js';

interface Topic {
  readonly definition: TopicDefinition;
  messages: TopicMessage[];
}

interface Group {
  /** The last offset handled, by topic. */
  readonly committed: Map<string, number>;
  /** One member at a time has a message in hand: no order is lost between members. */
  busy: boolean;
}

const retryMs = 50;

/** Topics for tests. Every topic has one partition, and offsets count over all topics. */
export class MemoryTopics implements Topics {
  private readonly topics = new Map<string, Topic>();
  private readonly groups = new Map<string, Group>();
  private readonly bell = new Bell();
  private readonly closing = new AbortController();
  private lastOffset = 0;

  constructor(private readonly clock: Clock = () => new Date()) {}

  async ensure(definitions: readonly TopicDefinition[]): Promise<void> {
    for (const definition of definitions) {
      const there = this.topics.get(definition.name)?.definition;
      if (there) mustAgree(there, definition);
      else this.topics.set(definition.name, { definition, messages: [] });
    }
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const topics = messages.map(({ topic }) => this.topics.get(topic) ?? unknownTopic(topic));
    messages.forEach((message, n) => this.keep(topics[n]!, message));
    this.bell.ring();
  }

  async consume({ topics, group: name, from = 'start', handle, signal }: ConsumeOptions): Promise<void> {
    const stop = AbortSignal.any([signal, this.closing.signal]);
    const group = this.groups.get(name) ?? { committed: new Map<string, number>(), busy: false };
    this.groups.set(name, group);
    if (from === 'end') for (const topic of this.matching(topics)) if (!group.committed.has(topic)) group.committed.set(topic, this.lastOffset);
    while (!stop.aborted) {
      const message = group.busy ? undefined : this.next(topics, group);
      if (message) await this.deliver(message, group, handle, stop);
      else await this.bell.wait(stop);
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private keep(topic: Topic, message: OutgoingMessage): void {
    const { name, cleanup } = topic.definition;
    if (cleanup === 'compact') topic.messages = topic.messages.filter(({ key }) => key !== message.key);
    topic.messages.push({
      ...message, topic: name, value: message.value && new Uint8Array(message.value), headers: { ...message.headers },
      partition: 0, offset: String(++this.lastOffset), timestamp: this.clock().toISOString(),
    });
  }

  private matching(topics: readonly string[] | RegExp): string[] {
    return [...this.topics.keys()].filter((name) => (topics instanceof RegExp ? name.search(topics) >= 0 : topics.includes(name)));
  }

  private next(topics: readonly string[] | RegExp, { committed }: Group): TopicMessage | undefined {
    const heads = this.matching(topics).flatMap((name) => {
      const { definition, messages } = this.topics.get(name)!;
      const oldest = definition.cleanup === 'delete' && definition.retentionMs !== undefined ? this.clock().getTime() - definition.retentionMs : -Infinity;
      return messages.find(({ offset, timestamp }) => Number(offset) > (committed.get(name) ?? 0) && Date.parse(timestamp) > oldest) ?? [];
    });
    return heads.sort((a, b) => Number(a.offset) - Number(b.offset))[0];
  }

  private async deliver(message: TopicMessage, group: Group, handle: ConsumeOptions['handle'], stop: AbortSignal): Promise<void> {
    group.busy = true;
    try {
      await handle(message);
      group.committed.set(message.topic, Number(message.offset));
    } catch {
      await delay(retryMs, undefined, { signal: stop }).catch(() => undefined);
    } finally {
      group.busy = false;
      this.bell.ring();
    }
  }
}

const unknownTopic = (name: string): never => {
  throw new Error(`Topic ${name} does not exist`);
};

const mustAgree = (there: TopicDefinition, wanted: TopicDefinition): void => {
  for (const setting of ['cleanup', 'retentionMs', 'partitions'] as const) {
    if (setting === 'partitions' && wanted.partitions === undefined) continue;
    if (there[setting] !== wanted[setting])
      throw new Error(`Topic ${wanted.name} has ${setting} ${there[setting] ?? 'not set'}, and ${wanted[setting] ?? 'not set'} is asked for`);
  }
};
