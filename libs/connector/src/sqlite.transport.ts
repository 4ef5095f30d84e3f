import type { Message } from '@kendt/contracts';
import { consumeLog } from './consume-log.js';
import { TopicLog } from './topic-log.js';
import type { Place, ReceivedMessage, TopicTransport, TransportConsumer } from './transport.port.js';

/** The topics of the embedded default: the file that Kendt has made. */
export class SqliteTransport implements TopicTransport {
  private constructor(private readonly log: TopicLog) {}

  /** @throws Error with a sentence for the operator. */
  static open(file: string): SqliteTransport {
    return new SqliteTransport(TopicLog.open(file, { mustExist: true }));
  }

  async publish(messages: readonly Message[]): Promise<void> {
    await this.log.whenFree(() => this.log.publish(messages));
  }

  consume(consumer: TransportConsumer): Promise<void> {
    return consumeLog(this.log, consumer);
  }

  async lag(consumer: Pick<TransportConsumer, 'topics' | 'group'>, until?: readonly Place[]): Promise<number> {
    return this.log.lag(consumer, until).reduce((sum, { messages }) => sum + messages, 0);
  }

  async ends(topics: TransportConsumer['topics']): Promise<readonly Place[]> {
    return this.log.ends(topics);
  }

  async read({ topic, offset }: Place): Promise<ReceivedMessage | undefined> {
    return this.log.read(topic, offset);
  }

  async close(): Promise<void> {
    this.log.close();
  }
}
