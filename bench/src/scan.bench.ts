import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { outgoingTopic, toMessage, topicContracts, topics as names } from '@kendt/contracts';
import { connect, type ConnectorStore, fileStore } from '@kendt/connector';
import { randomId } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import type { KafkaCluster } from '@kendt/testing/kafka';
import kafkajs from 'kafkajs';
import { type Bench, median, type Row, type Run } from './bench.js';
import { bareKafka, batch, brokerIs, onBroker, partitions, toBare } from './broker.js';

const topic = names.profiles('fjord');
const at = '2026-03-01T09:30:00.000Z';
const mostRepetitions = 3;

/** A profile like those that Kendt publishes. The person exists nowhere. */
const profile = () => {
  const customerId = randomId();
  const consents = ['newsletter', 'personal-offers', 'product-research'].map((purposeId) => ({ purposeId, state: 'granted', noticeVersion: 1, at }));
  return toMessage({
    topic, key: customerId, type: 'kendt.profile.changed.v1', source: 'urn:kendt:profile:fjord', id: randomUUID(), time: at, sequence: customerId,
    data: { customerId, brandId: 'fjord', kind: 'full', email: `${customerId}@example.org`, emailVerified: true, name: { given: 'Ida', family: 'Holm' }, phone: '+4520123456', language: 'da', consents },
  });
};

const fill = async (run: Run, kafka: KafkaCluster, systems: readonly string[], count: number): Promise<void> => {
  const topics = KafkaTopics.open({ url: kafka.url });
  await topics.ensure([outgoingTopic(topic), ...topicContracts({ brands: [], systems })]);
  await topics.close();
  // Idempotent: what is sent again, because a leader was not there yet, must not lie in the topic twice.
  const producer = bareKafka(kafka).producer({ idempotent: true, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let n = 0; n < count; n += batch) {
    run.progress('filling the topic', n, count);
    await producer.send({ topic, acks: -1, messages: Array.from({ length: batch }, () => toBare(profile())) });
  }
  await producer.disconnect();
  await mustHold(kafka, count);
};

const mustHold = async (kafka: KafkaCluster, count: number): Promise<void> => {
  const admin = bareKafka(kafka).admin();
  await admin.connect();
  const held = (await admin.fetchTopicOffsets(topic)).reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  await admin.disconnect();
  if (held !== count) throw new Error(`The topic holds ${held} messages, not ${count}`);
};

/** By kafkajs alone, from the first connection on; reads every message, as whoever uses it must. */
const bare = async (kafka: KafkaCluster, count: number): Promise<number> => {
  const all = Promise.withResolvers<void>();
  let left = count;
  const consumer = bareKafka(kafka).consumer({ groupId: randomUUID(), maxWaitTimeInMs: 250 });
  const begin = performance.now();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch: { messages } }) => {
      for (const { value } of messages) JSON.parse(value!.toString());
      left -= messages.length;
      if (left <= 0) all.resolve();
    },
  });
  await all.promise;
  const seconds = (performance.now() - begin) / 1000;
  await consumer.disconnect();
  return count / seconds;
};

/** A memory that ends with the process: what a connector costs without its disk. */
const memoryStore = (): ConnectorStore => {
  const values = new Map<string, string>();
  return {
    get: async (key) => values.get(key),
    put: async (key, value) => void values.set(key, value),
    remove: async (key) => void values.delete(key),
    list: async (prefix) => [...values].filter(([key]) => key.startsWith(prefix)).sort(),
    close: async () => undefined,
  };
};

const subscriber = async (run: Run, { url }: KafkaCluster, system: string, store: ConnectorStore, count: number): Promise<number> => {
  const all = Promise.withResolvers<void>();
  let seen = 0;
  const connector = connect({ system, topics: url, store, brands: ['fjord'] });
  connector.onCustomer(() => {
    if (++seen % 1000 === 0) run.progress(`${system} reads`, seen, count);
    if (seen === count) all.resolve();
  });
  const begin = performance.now();
  const running = connector.run();
  await Promise.race([all.promise, running]);
  const seconds = (performance.now() - begin) / 1000;
  await connector.close();
  return count / seconds;
};

interface Rates {
  readonly bare: number;
  readonly memory: number;
  readonly file: number;
}

const once = async (run: Run, kafka: KafkaCluster, count: number, [inMemory, onDisk]: readonly [string, string]): Promise<Rates> => ({
  bare: await bare(kafka, count),
  memory: await subscriber(run, kafka, inMemory, memoryStore(), count),
  file: await subscriber(run, kafka, onDisk, fileStore(join(run.folder(), 'state')), count),
});

const rowOf = (name: string, rates: readonly Rates[], which: 'memory' | 'file', goal?: string): Row => ({
  case: name, value: median(rates.map((rate) => rate[which])), unit: 'profiles/s',
  against: { what: 'bare kafkajs, in batches, each message parsed', value: median(rates.map((rate) => rate.bare)) }, ratio: median(rates.map((rate) => rate[which] / rate.bare)), ...(goal && { goal }),
});

export const scan: Bench = {
  name: 'scan',
  about: 'how many profiles a second a new subscriber reads from the beginning of a compacted topic',
  run: async (run) => {
    const count = run.profiles ?? (run.quick ? 50_000 : 1_000_000);
    const repetitions = Math.min(run.repetitions, mostRepetitions);
    const systems = Array.from({ length: repetitions }, (_, n): [string, string] => [`memory-${n}`, `file-${n}`]);
    const rates = await onBroker(run, async (kafka) => {
      await fill(run, kafka, systems.flat(), count);
      await bare(kafka, count); // Java compiles what is run often, and so does Node
      const all: Rates[] = [];
      for (const names of systems) {
        run.progress('measuring', all.length, repetitions);
        all.push(await once(run, kafka, count, names));
      }
      return all;
    });
    const rows = [
      rowOf('a connector with fileStore, on disk after each', rates, 'file', '>= 0.5'),
      rowOf('a connector that remembers in memory', rates, 'memory', '>= 0.5'),
    ];
    return { parameters: { repetitions, profiles: count, 'of each customer': 'one', partitions, broker: brokerIs }, rows };
  },
};
