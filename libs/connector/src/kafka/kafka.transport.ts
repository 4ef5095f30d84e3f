import type { Message } from '@kendt/contracts';
import type { Place, ReceivedMessage, TopicTransport, TransportConsumer } from '../transport.port.js';
import type { KafkaOptions } from './client.js';
import { KafkaLog } from './kafka.log.js';

/** Of each partition, each of another customer: so many notes wait for the disk together. */
const atOnce = 64;

/** The topics of a Kafka cluster, for a connector. */
export class KafkaTransport implements TopicTransport {
  private constructor(private readonly log: KafkaLog) {}

  /** @throws Error with a sentence for the operator. */
  static open(options: KafkaOptions): KafkaTransport {
    return new KafkaTransport(KafkaLog.open(options));
  }

  publish(messages: readonly Message[]): Promise<void> {
    return this.log.publish(messages);
  }

  consume(consumer: TransportConsumer): Promise<void> {
    return this.log.consume({ ...consumer, atOnce });
  }

  async lag({ topics, group }: Pick<TransportConsumer, 'topics' | 'group'>, until?: readonly Place[]): Promise<number> {
    return (await this.log.lag(group, topics, until)).reduce((sum, { messages }) => sum + messages, 0);
  }

  ends(topics: TransportConsumer['topics']): Promise<readonly Place[]> {
    return this.log.ends(topics);
  }

  read(place: Place): Promise<ReceivedMessage | undefined> {
    return this.log.find(place);
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
