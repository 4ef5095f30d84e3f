import { setTimeout as delay } from 'node:timers/promises';
import { Bell } from '../bell.js';
import type { Clock } from '../clock.js';
import {
  type ConsumeOptions, type From, type GroupLag, type OutgoingMessage, type ReadTopic, type TopicDefinition, type TopicMessage, type Topics, topicsBusy,
} from '../topics.port.js';

interface Topic {
  readonly definition: TopicDefinition;
  messages: TopicMessage[];
}

interface Group {
  /** The last offset handled, by topic. */
  readonly committed: Map<string, number>;
  /** One member at a time has a message in hand: no order is lost between members. */
  busy: boolean;
  members: number;
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

  async consume({ topics, group: name, from = 'start', handle, signal, control }: ConsumeOptions): Promise<void> {
    const stop = AbortSignal.any([signal, this.closing.signal]);
    const group = this.group(name);
    for (const topic of this.matching(topics)) if (!group.committed.has(topic)) group.committed.set(topic, this.before(topic, from) ?? 0);
    let paused = false;
    const pause = (now: boolean): void => ((paused = now), this.bell.ring());
    group.members++;
    control?.({ pause: () => pause(true), resume: () => pause(false) });
    while (!stop.aborted) {
      const message = group.busy || paused ? undefined : this.next(topics, group);
      if (message) await this.deliver(message, group, handle, stop);
      else await this.bell.wait(stop);
    }
    group.members--;
  }

  async *read(name: string, { from = 'start', signal }: ReadTopic = {}): AsyncGenerator<TopicMessage> {
    const topic = this.topics.get(name) ?? unknownTopic(name);
    const after = this.before(name, from) ?? 0;
    for (const message of [...this.kept(topic)]) {
      if (signal?.aborted) return;
      if (Number(message.offset) > after) yield message;
    }
  }

  async rewind(name: string, topic: string, from: From): Promise<void> {
    if (!this.topics.has(topic)) unknownTopic(topic);
    const group = this.group(name);
    if (group.members > 0) throw topicsBusy(name);
    const before = this.before(topic, from);
    if (before !== undefined) group.committed.set(topic, before);
  }

  async lag(name: string, topics: readonly string[] | RegExp): Promise<readonly GroupLag[]> {
    const unhandled = unhandledBy(this.group(name));
    return this.matching(topics).map((topic) => ({ topic, messages: this.kept(this.topics.get(topic)!).filter(unhandled).length }));
  }

  async names(): Promise<readonly string[]> {
    return [...this.topics.keys()].sort();
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private group(name: string): Group {
    const group = this.groups.get(name) ?? { committed: new Map<string, number>(), busy: false, members: 0 };
    this.groups.set(name, group);
    return group;
  }

  /** The offset before the first message to be read; undefined where it stays as it is. */
  private before(topic: string, from: From): number | undefined {
    if (from === 'start') return 0;
    if (from === 'end') return this.lastOffset;
    if ('offsets' in from) return beforeOffset(topic, from.offsets);
    const since = new Date(from.time).toISOString(); // @throws RangeError when it is no time
    const first = this.topics.get(topic)?.messages.find(({ timestamp }) => timestamp >= since);
    return first ? Number(first.offset) - 1 : this.lastOffset;
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

  private next(topics: readonly string[] | RegExp, group: Group): TopicMessage | undefined {
    const heads = this.matching(topics).flatMap((name) => this.kept(this.topics.get(name)!).find(unhandledBy(group)) ?? []);
    return heads.sort((a, b) => Number(a.offset) - Number(b.offset))[0];
  }

  private kept({ definition: { cleanup, retentionMs }, messages }: Topic): readonly TopicMessage[] {
    if (cleanup === 'compact' || retentionMs === undefined) return messages;
    const oldest = this.clock().getTime() - retentionMs;
    return messages.filter(({ timestamp }) => Date.parse(timestamp) > oldest);
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

const unhandledBy = ({ committed }: Group) => ({ topic, offset }: TopicMessage): boolean => Number(offset) > (committed.get(topic) ?? 0);

const beforeOffset = (topic: string, offsets: Readonly<Record<number, string>>): number | undefined => {
  const elsewhere = Object.keys(offsets).find((partition) => partition !== '0');
  if (elsewhere !== undefined) throw new Error(`Topic ${topic} has no partition ${elsewhere}`);
  return offsets[0] === undefined ? undefined : Number(offsets[0]) - 1;
};

const mustAgree = (there: TopicDefinition, wanted: TopicDefinition): void => {
  for (const setting of ['cleanup', 'retentionMs', 'partitions'] as const) {
    if (setting === 'partitions' && wanted.partitions === undefined) continue;
    if (there[setting] !== wanted[setting])
      throw new Error(`Topic ${wanted.name} has ${setting} ${there[setting] ?? 'not set'}, and ${wanted[setting] ?? 'not set'} is asked for`);
  }
};
