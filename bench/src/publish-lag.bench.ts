import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { follow, type OutgoingMessage, publishing, type StoredEvent } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import { SqliteEventStore, SqliteViews } from '@kendt/sqlite';
import type { KafkaCluster } from '@kendt/testing/kafka';
import { independent } from './appends.js';
import { type Bench, median, percentile, type Row, type Run } from './bench.js';
import { bareKafka, brokerIs, eventMessage, newTopic, onBroker, partitions } from './broker.js';
import { collectGarbage } from './garbage.js';
import { openLoop } from './open-loop.js';

const perSecond = 5_000;
const tickMs = 1;
const warmUpSeconds = 3;

/** Milliseconds from the moment at which each event was due to be appended, until the topic had acknowledged it. */
const lags = async (run: Run, { url }: KafkaCluster, seconds: number): Promise<number[]> => {
  const folder = run.folder();
  const [store, views] = [await SqliteEventStore.open(join(folder, 'events.db')), await SqliteViews.open(join(folder, 'views.db'))];
  const topics = KafkaTopics.open({ url });
  const topic = await newTopic(topics);
  const appends = independent(perSecond * seconds);
  const numbers = new Map(appends.map(({ events }, n) => [events[0]!.id, n]));
  const due = new Float64Array(appends.length);
  const taken: number[] = [];
  const all = Promise.withResolvers<void>();
  const publish = async (messages: readonly OutgoingMessage[]): Promise<void> => {
    await topics.publish(messages);
    const now = performance.now();
    for (const { headers } of messages) taken.push(now - due[numbers.get(headers['ce_id']!)!]!);
    if (taken.length >= appends.length) all.resolve();
  };
  const publisher = { name: `publisher-${randomUUID()}`, categories: ['customer'], topics: [topic], map: (event: StoredEvent) => [eventMessage(topic, event)] };
  const following = follow({ store, views }, publishing({ publish }, publisher));
  collectGarbage(); // of making them
  try {
    await openLoop({ count: appends.length, perSecond, tickMs }, (n, at) => {
      due[n] = at;
      void store.append([appends[n]!]).catch(all.reject);
    });
    await all.promise;
    return taken;
  } finally {
    await following.stop();
    await Promise.all([store.close(), views.close(), topics.close()]);
  }
};

/** One message after the other, each acknowledged, by kafkajs alone. */
const acknowledgements = async (kafka: KafkaCluster, count: number): Promise<number[]> => {
  const topics = KafkaTopics.open({ url: kafka.url });
  const topic = await newTopic(topics);
  await topics.close();
  const producer = bareKafka(kafka).producer();
  await producer.connect();
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const begin = performance.now();
    await producer.send({ topic, acks: -1, messages: [{ key: String(n), value: '{}' }] });
    times.push(performance.now() - begin);
  }
  await producer.disconnect();
  return times;
};

interface Once {
  readonly lags: readonly number[];
  readonly acknowledgements: readonly number[];
}

const row = (runs: readonly Once[], share: number, goal?: string): Row => {
  const value = median(runs.map((one) => percentile(one.lags, share)));
  const bare = median(runs.map((one) => percentile(one.acknowledgements, share)));
  return { case: `due, until acknowledged, p${share * 100}`, value, unit: 'ms', against: { what: 'bare kafkajs, one message, nothing else going on', value: bare }, ...(goal && { goal }) };
};

export const publishLag: Bench = {
  name: 'publish-lag',
  about: 'how long an event takes from the moment when it was due to be appended until the topic has acknowledged it',
  run: async (run) => {
    const seconds = run.quick ? 8 : 30;
    const runs = await onBroker(run, async (kafka) => {
      await lags(run, kafka, warmUpSeconds);
      const all: Once[] = [];
      for (let n = 0; n < run.repetitions; n++) {
        run.progress('measuring', n, run.repetitions);
        all.push({ acknowledgements: (await acknowledgements(kafka, 300)).slice(100), lags: await lags(run, kafka, seconds) });
      }
      return all;
    });
    const rows = [row(runs, 0.5), row(runs, 0.99, '< 1,000'), row(runs, 1)];
    const parameters = { repetitions: run.repetitions, 'events appended': `${perSecond}/s, open loop, in ticks of ${tickMs} ms`, seconds, partitions, acks: 'all', broker: brokerIs };
    return { parameters, rows };
  },
};
