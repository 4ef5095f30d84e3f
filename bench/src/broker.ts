import { randomUUID } from 'node:crypto';
import { keyOf, type OutgoingMessage, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { type KafkaCluster, startKafka } from '@kendt/testing/kafka';
import kafkajs from 'kafkajs';
import type { Run } from './bench.js';

export const partitions = 6;
export const batch = 500;
export const brokerIs = 'Kafka 4.4.0 on the same machine';

/** A broker of its own for as long as something is measured on it. */
export const onBroker = async <T>(run: Run, work: (kafka: KafkaCluster) => Promise<T>): Promise<T> => {
  run.progress('starting Kafka');
  const kafka = await startKafka({ forSpeed: true });
  try {
    return await work(kafka);
  } finally {
    await kafka.stop();
  }
};

/** The client as it comes, which Kendt's figures are compared with. */
export const bareKafka = ({ addresses }: KafkaCluster): kafkajs.Kafka => new kafkajs.Kafka({ brokers: addresses.plain, logLevel: kafkajs.logLevel.NOTHING });

export const newTopic = async (topics: Topics, count = partitions): Promise<string> => {
  const name = `bench.${randomUUID()}`;
  await topics.ensure([{ name, cleanup: 'delete', retentionMs: 3_600_000, partitions: count }]);
  return name;
};

/** What an event becomes, with the headers that services give their messages. */
export const eventMessage = (topic: string, { id, type, stream, data, revision, metadata }: StoredEvent): OutgoingMessage => {
  const key = keyOf(stream);
  const headers = {
    ce_id: id, ce_type: `kendt.${type}.v1`, ce_source: 'kendt/consent', ce_specversion: '1.0', ce_subject: key, ce_time: metadata.recordedAt, ce_sequence: String(revision),
    'content-type': 'application/json',
  };
  return { topic, key, value: Buffer.from(JSON.stringify(data)), headers };
};

export const inBatches = <T>(all: readonly T[]): T[][] => Array.from({ length: Math.ceil(all.length / batch) }, (_, n) => all.slice(n * batch, (n + 1) * batch));

/** As kafkajs takes it. */
export const toBare = ({ key, value, headers }: OutgoingMessage): { key: string; value: Buffer; headers: Record<string, string> } => ({ key, value: Buffer.from(value!), headers: { ...headers } });
