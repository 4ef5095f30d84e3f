import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KafkaCluster, startKafka } from '@kendt/testing/kafka';
import kafkajs from 'kafkajs';
import type { Scenario } from './scenario.js';

type Count = 1 | 3;

const started = new Map<Count, Promise<KafkaCluster>>();

/** Members of a group that were killed are missed within a second here. */
const settings = { 'group.min.session.timeout.ms': '500' };

/** Started for the first run that needs it, and used by all. */
export const cluster = (brokers: Count = 1): Promise<KafkaCluster> => {
  const running = started.get(brokers) ?? startKafka({ brokers, settings });
  started.set(brokers, running);
  return running;
};

const stopClusters = async (): Promise<void> => {
  const running = [...started.values()];
  started.clear();
  await Promise.all(running.map(async (one) => (await one).stop()));
};

/** What the children of a run must know. */
export interface Place {
  readonly url: string;
  /** Begins the name of every topic and group of this run. */
  readonly prefix: string;
}

const fileIn = (folder: string): string => join(folder, 'kafka.json');

/** For scenarios: names of their own for each run, on brokers that all of them use. */
export const onBrokers = (count: Count): Required<Pick<Scenario, 'prepare' | 'release'>> => ({
  prepare: async (folder) => {
    const { url } = await cluster(count);
    writeFileSync(fileIn(folder), JSON.stringify({ url, prefix: `chaos.${randomUUID()}` } satisfies Place));
  },
  release: stopClusters,
});

/** Each `host:port`, for a bare client. */
export const addressesOf = ({ url }: Place): string[] => url.replace('kafka://', '').split(',');

export const placeIn = (folder: string): Place => JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Place;

export interface Read {
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  /** `null`: a tombstone. */
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything that a topic holds, nothing if it is not there, per partition in order: with the bare client, as anybody could. */
export const readTopic = async (place: Place, topic: string): Promise<Read[]> => {
  const kafka = new kafkajs.Kafka({ clientId: 'checker', brokers: addressesOf(place), logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `checker.${randomUUID()}`, maxWaitTimeInMs: 100 });
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic)) return [];
    const left = new Map((await admin.fetchTopicOffsets(topic)).filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]));
    if (left.size === 0) return [];
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    return await readUntil(consumer, left);
  } finally {
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
  }
};

const readUntil = (consumer: kafkajs.Consumer, left: Map<number, bigint>): Promise<Read[]> =>
  new Promise((resolve, reject) => {
    const read: Read[] = [];
    const eachMessage = async ({ partition, message: { offset, key, value, headers } }: kafkajs.EachMessagePayload): Promise<void> => {
      const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]);
      read.push({ partition, offset, key: String(key), value: value && String(value), headers: Object.fromEntries(texts) as Record<string, string> });
      if (BigInt(offset) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
      if (left.size === 0) resolve(read);
    };
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => void (restart || reject(error)));
    consumer.run({ eachMessage }).catch(reject);
  });
