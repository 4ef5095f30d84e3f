import kafkajs, { type PartitionMetadata, type TopicMessages } from 'kafkajs';
import type { KafkaClient } from './client.js';
import { type PlacedMessage, placeOf, type Sender, within } from './publisher.js';

const { DefaultPartitioner } = kafkajs.Partitioners;

/** One for all: each that is made draws random bytes, and again for the first message of each topic. */
const partitioner = DefaultPartitioner();
const metadata = new Map<number, PartitionMetadata[]>();

/** Where a key belongs: murmur2, as the Java client does it, so that every producer agrees. */
export const partitionOf = (key: string, partitions: number): number => {
  const partitionMetadata = metadata.get(partitions) ?? metadataOf(partitions);
  metadata.set(partitions, partitionMetadata);
  return partitioner({ topic: '', partitionMetadata, message: { key, value: null } });
};

const metadataOf = (partitions: number): PartitionMetadata[] =>
  Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0, partitionErrorCode: 0, replicas: [], isr: [] }));

/** An idempotent producer, connected. */
export const openSender = async (client: KafkaClient): Promise<Sender> => {
  const opened = client.open();
  const producer = opened.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: DefaultPartitioner, retry: { retries: 5 } });
  const close = async (): Promise<void> => {
    await within(client.timing.close, producer.disconnect());
    opened.cut();
  };
  try {
    await producer.connect();
  } catch (error) {
    void close();
    throw error;
  }
  return {
    close,
    send: async (messages) => {
      const kept = await producer.sendBatch({ acks: -1, timeout: client.timing.request, topicMessages: byTopic(messages) });
      return new Set(kept.map(({ topicName: topic, partition }) => placeOf({ topic, partition })));
    },
  };
};

const byTopic = (messages: readonly PlacedMessage[]): TopicMessages[] => {
  const topics = new Map<string, TopicMessages>();
  for (const { topic, partition, key, value, headers } of messages) {
    const one = topics.get(topic) ?? { topic, messages: [] };
    topics.set(topic, one);
    one.messages.push({ partition, key, value: value && Buffer.from(value.buffer, value.byteOffset, value.byteLength), headers: { ...headers } });
  }
  return [...topics.values()];
};
