import type { Topics } from '@kendt/eventsourcing';
import { type Opened, topicsContract } from '@kendt/testing';
import { sharedKafka } from '@kendt/testing/kafka';
import { Namespace } from './namespace.examples.js';
import { KafkaTopics } from './topics.kafka.js';

const timing = { heartbeat: 200, fetchWait: 50, refresh: 200 };

const open = async (): Promise<Opened<Topics>> => {
  const namespace = new Namespace();
  const opened: Topics[] = [];
  const openOne = async (): Promise<Topics> => {
    const topics = namespace.of(KafkaTopics.open({ url: sharedKafka().url, timing }));
    opened.push(topics);
    return topics;
  };
  const close = async (): Promise<void> => void (await Promise.all(opened.splice(0).map((topics) => topics.close())));
  return { port: await openOne(), another: openOne, reopen: async () => (await close(), openOne()), close };
};

topicsContract('KafkaTopics', open, { durable: true, brokerFiles: true, sideBySide: true });
