import { GroupIsConsuming } from '@kendt/connector';
import { KafkaLog, type KafkaOptions, TopicsUnavailable } from '@kendt/connector/kafka';
import {
  type ConsumeOptions, type From, type GroupLag, type OutgoingMessage, type ReadTopic, type TopicDefinition, type TopicMessage, type Topics, topicsBusy,
} from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';

/** Topics in a Kafka cluster. */
export class KafkaTopics implements Topics {
  private constructor(private readonly log: KafkaLog) {}

  /** Connects when there is something to do. @throws Error with one sentence for the operator when a setting is wrong. */
  static open(options: KafkaOptions): KafkaTopics {
    return new KafkaTopics(KafkaLog.open(options));
  }

  ensure(definitions: readonly TopicDefinition[]): Promise<void> {
    return asPort(this.log.ensure(definitions));
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return asPort(this.log.publish(messages));
  }

  consume(options: ConsumeOptions): Promise<void> {
    return asPort(this.log.consume(options));
  }

  async *read(topic: string, { from, signal }: ReadTopic = {}): AsyncGenerator<TopicMessage> {
    try {
      yield* this.log.read(topic, from, signal);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  rewind(group: string, topic: string, from: From): Promise<void> {
    return asPort(this.log.rewind(group, topic, from));
  }

  lag(group: string, topics: readonly string[] | RegExp): Promise<readonly GroupLag[]> {
    return asPort(this.log.lag(group, topics));
  }

  names(): Promise<readonly string[]> {
    return asPort(this.log.names());
  }

  close(): Promise<void> {
    return this.log.close();
  }
}

const asPort = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw refusalOf(error);
  });

/** What callers know: busy, so that trying again is worth while. */
const refusalOf = (error: unknown): unknown => {
  if (error instanceof GroupIsConsuming) return topicsBusy(error.group);
  if (error instanceof TopicsUnavailable) return new Refusal(error.code, error.message, 'busy', { cause: error });
  return error;
};
