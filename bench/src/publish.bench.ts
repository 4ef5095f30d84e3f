import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { follow, type OutgoingMessage, publishing, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import { SqliteEventStore, SqliteViews } from '@kendt/sqlite';
import type { KafkaCluster } from '@kendt/testing/kafka';
import { Producer } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import { secondsOf, workOf } from './appends.js';
import { type Bench, median, type Row, type Run } from './bench.js';
import { bareKafka, batch, brokerIs, eventMessage, inBatches, newTopic, onBroker, partitions, toBare } from './broker.js';

interface Filled {
  readonly store: SqliteEventStore;
  readonly views: SqliteViews;
  readonly messages: (topic: string) => OutgoingMessage[];
}

/** A store with so many events, and the messages that they become. */
const fill = async (folder: string, events: number): Promise<Filled> => {
  const store = await SqliteEventStore.open(join(folder, 'events.db'));
  await Promise.all(workOf({ callers: 64, appends: events }).map(async (work) => {
    for (const one of work) await store.append([one]);
  }));
  const stored: StoredEvent[] = [];
  for await (const { events: some, caughtUp } of store.subscribe({ after: '', categories: ['customer'], signal: new AbortController().signal })) {
    stored.push(...some);
    if (caughtUp) break;
  }
  return { store, views: await SqliteViews.open(join(folder, 'views.db')), messages: (topic) => stored.map((event) => eventMessage(topic, event)) };
};

/** Until the topic has acknowledged the last event. */
const fromStore = async ({ store, views }: Filled, topics: Topics, topic: string, count: number): Promise<number> => {
  const all = Promise.withResolvers<void>();
  let published = 0;
  const counting = {
    publish: async (messages: readonly OutgoingMessage[]): Promise<void> => {
      await topics.publish(messages);
      if ((published += messages.length) === count) all.resolve();
    },
  };
  const publisher = { name: `publisher-${randomUUID()}`, categories: ['customer'], topics: [topic], map: (event: StoredEvent) => [eventMessage(topic, event)] };
  const begin = performance.now();
  const following = follow({ store, views }, publishing(counting, publisher));
  await all.promise;
  const seconds = (performance.now() - begin) / 1000;
  await following.stop();
  return seconds;
};

const adapterAlone = (messages: readonly OutgoingMessage[], topics: Topics): Promise<number> =>
  secondsOf(async () => {
    for (const some of inBatches(messages)) await topics.publish(some);
  });

const bareKafkajs = async (messages: readonly OutgoingMessage[], kafka: KafkaCluster): Promise<number> => {
  const producer = bareKafka(kafka).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const batches = inBatches(messages.map(toBare));
  try {
    return await secondsOf(async () => {
      for (const some of batches) await producer.send({ topic: messages[0]!.topic, acks: -1, messages: some });
    });
  } finally {
    await producer.disconnect();
  }
};

const barePlatformatic = async (messages: readonly OutgoingMessage[], brokers: string[]): Promise<number> => {
  const producer = new Producer({ clientId: 'bench', bootstrapBrokers: brokers });
  const batches = inBatches(messages.map(({ topic, key, value, headers }) => ({
    topic, key: Buffer.from(key), value: value as Buffer, headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
  })));
  try {
    await producer.send({ acks: -1, messages: batches[0]!.slice(0, 1) }); // connects
    return await secondsOf(async () => {
      for (const some of batches) await producer.send({ acks: -1, messages: some });
    });
  } finally {
    await producer.close();
  }
};

interface Rates {
  readonly store: number;
  readonly adapter: number;
  readonly kafkajs: number;
  readonly platformatic: number;
}

/** Everybody in turn, to a topic of their own. */
const once = async (filled: Filled, count: number, kafka: KafkaCluster): Promise<Rates> => {
  const topics = KafkaTopics.open({ url: kafka.url });
  const topic = (): Promise<string> => newTopic(topics);
  try {
    return {
      kafkajs: count / (await bareKafkajs(filled.messages(await topic()), kafka)),
      store: count / (await fromStore(filled, topics, await topic(), count)),
      adapter: count / (await adapterAlone(filled.messages(await topic()), topics)),
      platformatic: count / (await barePlatformatic(filled.messages(await topic()), kafka.addresses.plain)),
    };
  } finally {
    await topics.close();
  }
};

const rowOf = (name: string, rates: readonly Rates[], which: keyof Rates, goal?: string): Row => ({
  case: name, value: median(rates.map((rate) => rate[which])), unit: 'events/s',
  against: { what: 'bare kafkajs', value: median(rates.map((rate) => rate.kafkajs)) }, ratio: median(rates.map((rate) => rate[which] / rate.kafkajs)), ...(goal && { goal }),
});

export const publish: Bench = {
  name: 'publish',
  about: 'how many events a second come from the store to a topic that has acknowledged them',
  run: async (run: Run) => {
    const count = run.quick ? 40_000 : 200_000;
    run.progress('filling a store');
    const filled = await fill(run.folder(), count);
    const rates: Rates[] = [];
    try {
      await onBroker(run, async (kafka) => {
        await once(filled, count, kafka); // Java compiles what is run often, and so does Node
        for (let n = 0; n < run.repetitions; n++) {
          run.progress('measuring', n, run.repetitions);
          rates.push(await once(filled, count, kafka));
        }
      });
    } finally {
      await Promise.all([filled.store.close(), filled.views.close()]);
    }
    const rows = [
      rowOf('from the store', rates, 'store', '>= 0.5'),
      rowOf('the adapter alone', rates, 'adapter'),
      rowOf('@platformatic/kafka, bare', rates, 'platformatic'),
    ];
    return { parameters: { repetitions: run.repetitions, events: count, partitions, 'messages in a request of the bare ones': batch, acks: 'all', broker: brokerIs }, rows };
  },
};
