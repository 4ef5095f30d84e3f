import { once, EventEmitter } from 'node:events';
import type { Message } from '@kendt/contracts';
import type { Place, ReceivedMessage, TopicTransport, TransportConsumer } from './transport.port.js';

/** Topics that live as long as the object: for tests of handlers, without a file. One partition each. */
export class MemoryTransport implements TopicTransport {
  readonly messages: ReceivedMessage[] = [];
  private readonly committed = new Map<string, number>();
  private readonly changed = new EventEmitter();

  async publish(messages: readonly Message[]): Promise<void> {
    for (const message of messages) this.messages.push({ ...message, partition: 0, offset: String(this.messages.length) });
    this.changed.emit('published');
  }

  async consume(consumer: TransportConsumer): Promise<void> {
    const { group, signal, handle } = consumer;
    while (!signal.aborted) {
      const next = this.waiting(consumer)[0];
      if (!next) {
        await once(this.changed, 'published', { signal }).catch(() => undefined);
        continue;
      }
      await handle(next);
      this.committed.set(`${group}/${next.topic}`, Number(next.offset) + 1);
    }
  }

  async lag(consumer: Pick<TransportConsumer, 'topics' | 'group'>, until?: readonly Place[]): Promise<number> {
    const end = Number(until?.[0]?.offset ?? this.messages.length);
    return this.waiting(consumer).filter(({ offset }) => Number(offset) < end).length;
  }

  /** Offsets count over all topics. */
  async ends(): Promise<readonly Place[]> {
    return [{ topic: '', partition: 0, offset: String(this.messages.length) }];
  }

  async read({ topic, offset }: Place): Promise<ReceivedMessage | undefined> {
    return this.messages.find((message) => message.topic === topic && message.offset === offset);
  }

  /** What was published to a topic, opened. */
  published(topic: string): unknown[] {
    return this.messages.filter((message) => message.topic === topic).map(({ value }) => value && (JSON.parse(new TextDecoder().decode(value)) as unknown));
  }

  async close(): Promise<void> {
    this.changed.emit('published');
  }

  private waiting({ topics, group }: Pick<TransportConsumer, 'topics' | 'group'>): ReceivedMessage[] {
    const follows = (topic: string): boolean => (topics instanceof RegExp ? topics.test(topic) : topics.includes(topic));
    return this.messages.filter(({ topic, offset }) => follows(topic) && Number(offset) >= (this.committed.get(`${group}/${topic}`) ?? 0));
  }
}
