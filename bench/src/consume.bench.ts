import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { topicContracts, topics as names } from '@kendt/contracts';
import { customer, customerStream } from '@kendt/domain';
import { cachedKeys, decision, type EventStore, handle, type KeyRing, type OutgoingMessage, randomId, remembering, runConsumer, sealing, StateCache } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import type { ListedSystem } from '@kendt/nest';
import { consumePurchases, RecordPurchaseHandler } from '@kendt/profile-service';
import { SqliteEventStore, SqliteKeyRing, SqliteViews } from '@kendt/sqlite';
import type { KafkaCluster } from '@kendt/testing/kafka';
import Database from 'better-sqlite3';
import { insertSql, rawFile } from './appends.js';
import { type Bench, median, type Run } from './bench.js';
import { bareKafka, brokerIs, inBatches, onBroker, partitions } from './broker.js';
import { purchaseOf } from './purchases.js';

const purchasesEach = 10;
const at = '2026-03-01T09:00:00.000Z';

/** How many messages a second, from the first that is taken up until the last is done. */
class Stopwatch {
  #begin = 0;
  #done = 0;
  readonly #all = Promise.withResolvers<number>();
  /** Messages per second. */
  readonly rate = this.#all.promise;

  constructor(private readonly count: number) {
    this.rate.catch(() => undefined); // whoever waits for it hears of it
  }

  start(): void {
    this.#begin ||= performance.now();
  }

  done(count: number): void {
    if ((this.#done += count) === this.count) this.#all.resolve((this.count * 1000) / (performance.now() - this.#begin));
  }

  readonly fail = (error: unknown): void => this.#all.reject(error);
}

interface Place {
  readonly kafka: KafkaCluster;
  readonly topic: string;
  readonly system: string;
  readonly count: number;
}

/** The path that the profile service has: topic, schema, command, decision, sealing, commit; without HTTP, views and tracing beside it. */
const ours = async ({ kafka, topic, system, count }: Place, store: EventStore, views: SqliteViews): Promise<number> => {
  const watch = new Stopwatch(count);
  const listed: ListedSystem = { id: system, status: 'registered', description: { name: system, brands: ['fjord'] }, declarations: [], rules: [] };
  const handler = new RecordPurchaseHandler(store, () => new Date());
  const consumer = consumePurchases({ system: () => listed }, (command) => handler.execute(command));
  const timed: typeof consumer.handle = async (message) => {
    watch.start();
    await consumer.handle(message);
    watch.done(1);
  };
  const topics = KafkaTopics.open({ url: kafka.url });
  const stop = new AbortController();
  const running = runConsumer({ topics, views }, { ...consumer, handle: timed, topics: [topic], group: `ours-${randomUUID()}` }, stop.signal, { onDeadLetter: (_, { code }) => watch.fail(new Error(code)) });
  running.catch(watch.fail);
  try {
    return await watch.rate;
  } finally {
    stop.abort();
    await running;
    await topics.close();
  }
};

type Values = readonly (string | number | null)[];

const rowsIn = (file: string): Values[] => {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare<[], Values>("SELECT stream, revision, category, id, type, metadata, data, personal FROM events WHERE category = 'purchases' ORDER BY position").raw().all();
  } finally {
    db.close();
  }
};

/** kafkajs alone, and for each batch that it hands over as many of the same rows, in one transaction. */
const bare = async (run: Run, { kafka, topic, count }: Place, rows: readonly Values[]): Promise<number> => {
  const watch = new Stopwatch(count);
  const db = await rawFile(run.folder());
  const insert = db.prepare(insertSql);
  const append = db.transaction((some: readonly Values[]) => some.forEach((row) => insert.run(...row)));
  const consumer = bareKafka(kafka).consumer({ groupId: `bare-${randomUUID()}`, maxWaitTimeInMs: 250 });
  let next = 0;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch: { messages } }) => {
        watch.start();
        append(rows.slice(next, (next += messages.length)));
        watch.done(messages.length);
      },
    });
    return await watch.rate;
  } finally {
    await consumer.disconnect();
    db.close();
  }
};

const register = (store: EventStore, customerId: string): Promise<unknown> => {
  const command = { type: 'RegisterCustomer' as const, at, data: { kind: 'guest' as const, brandId: 'fjord', language: 'da' as const, contact: {} } };
  return handle(store, [decision(customer, customerStream(customerId), command)], { commandId: randomId(), actor: { kind: 'client', id: 'bench' } }, at);
};

const fill = async (kafka: KafkaCluster, system: string, messages: readonly OutgoingMessage[]): Promise<void> => {
  const topics = KafkaTopics.open({ url: kafka.url });
  await topics.ensure(topicContracts({ brands: [], systems: [system] }));
  for (const some of inBatches(messages)) await topics.publish(some);
  await topics.close();
};

const once = async (run: Run, kafka: KafkaCluster, count: number): Promise<{ ours: number; bare: number }> => {
  const system = `shop-${randomBytes(4).toString('hex')}`;
  const place = { kafka, topic: names.purchases(system), system, count };
  const folder = run.folder();
  const stored = await SqliteEventStore.open(join(folder, 'events.db'));
  const keys: KeyRing = cachedKeys(await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: randomBytes(32) }));
  const views = await SqliteViews.open(join(folder, 'views.db'));
  const store = remembering(sealing(stored, keys), new StateCache());
  const customers = Array.from({ length: count / purchasesEach }, randomId);
  for (const some of inBatches(customers)) await Promise.all(some.map((id) => register(store, id)));
  await fill(kafka, system, Array.from({ length: purchasesEach }, () => customers.map((id) => purchaseOf(system, id))).flat());
  const rate = await ours(place, store, views);
  await Promise.all([stored.close(), keys.close(), views.close()]);
  return { ours: rate, bare: await bare(run, place, rowsIn(join(folder, 'events.db'))) };
};

export const consume: Bench = {
  name: 'consume',
  about: 'how many purchases a second come from a topic to committed events',
  run: async (run) => {
    const count = run.quick ? 10_000 : 50_000;
    const rates = await onBroker(run, async (kafka) => {
      await once(run, kafka, 5_000); // Java compiles what is run often, and so does Node
      const all: { ours: number; bare: number }[] = [];
      for (let n = 0; n < run.repetitions; n++) {
        run.progress('measuring', n, run.repetitions);
        all.push(await once(run, kafka, count));
      }
      return all;
    });
    const against = { what: 'bare kafkajs, and a raw append of the same rows for each batch', value: median(rates.map((rate) => rate.bare)) };
    const row = { case: 'from the topic to committed events', value: median(rates.map((rate) => rate.ours)), unit: 'purchases/s', against, ratio: median(rates.map((rate) => rate.ours / rate.bare)), goal: '>= 0.4' };
    const parameters = { repetitions: run.repetitions, purchases: count, 'purchases of each customer': purchasesEach, partitions, sealed: 'what was bought, each customer with a key', broker: brokerIs };
    return { parameters, rows: [row] };
  },
};
