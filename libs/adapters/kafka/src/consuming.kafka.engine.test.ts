import { MemoryViews } from '@kendt/eventsourcing';
import { consumingContract } from '@kendt/testing';
import { sharedKafka } from '@kendt/testing/kafka';
import { Namespace } from './namespace.examples.js';
import { KafkaTopics } from './topics.kafka.js';

const timing = { heartbeat: 200, fetchWait: 50, refresh: 200 };

consumingContract('Kafka', async () => {
  const topics = new Namespace().of(KafkaTopics.open({ url: sharedKafka().url, timing }));
  const port = { topics, views: new MemoryViews(), close: () => topics.close() };
  return { port, close: () => port.close() };
});
