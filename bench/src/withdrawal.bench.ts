import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, fileStore } from '@kendt/connector';
import { KafkaTopics } from '@kendt/kafka';
import type { KafkaCluster } from '@kendt/testing/kafka';
import { type Bench, median, percentile, type Row, type Run } from './bench.js';
import { bareKafka, brokerIs, newTopic, onBroker } from './broker.js';
import { guest } from './life-cycle.js';
import { load } from './load.js';
import { openLoop } from './open-loop.js';
import { ShopClient } from './shop-client.js';
import { benchConfig, shop, type Standalone, startStandalone } from './standalone.js';

/** Commands a second of other customers, as far as the machine gives so many. */
const others = [0, 250, 1_000];
const callers = 64;
const perSecond = 15;
const loadWarmsUpFor = 0.25;
const prepareAtOnce = 16;

/** Rejects when nothing comes of it. */
const soon = async <T>(what: string, seconds: number, result: Promise<T>): Promise<T> => {
  const late = new AbortController();
  const giveUp = sleep(seconds * 1000, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${what} took more than ${seconds} s`);
  });
  try {
    return await Promise.race([result, giveUp]);
  } finally {
    late.abort();
    giveUp.catch(() => undefined);
  }
};

/** A system that hears of consents, in the process that withdraws them: both ends have one clock. */
class Listener {
  readonly #awaited = new Map<string, () => void>();
  readonly #connector;

  constructor(url: string, folder: string) {
    this.#connector = connect({ system: 'crm', topics: url, store: fileStore(join(folder, 'crm.state')) });
    this.#connector.onConsent(({ customerId, state }) => this.#awaited.get(`${customerId} ${state}`)?.());
  }

  /** Rejects when the connector cannot go on. */
  run(): Promise<void> {
    const running = this.#connector.run();
    running.catch(() => undefined);
    return running;
  }

  /** When the handler is called. */
  heard(customerId: string, state: 'granted' | 'withdrawn'): Promise<number> {
    return new Promise((resolve) => this.#awaited.set(`${customerId} ${state}`, () => resolve(performance.now())));
  }

  close(): Promise<void> {
    return this.#connector.close();
  }
}

const answer = async (client: ShopClient, customerId: string, body: object): Promise<void> => {
  const { status, text } = await client.send({ method: 'PUT', path: `/v1/customers/${customerId}/consents/newsletter`, body });
  if (status !== 200) throw new Error(`A consent was answered with ${status}: ${text}`);
};

/** Customers whose consent stands, and of whom the connector has heard. */
const prepare = async (client: ShopClient, listener: Listener, count: number): Promise<string[]> => {
  const ready: string[] = [];
  const worker = async (): Promise<void> => {
    while (ready.length < count) {
      const { text } = await client.send({ method: 'POST', path: '/v1/customers', body: guest(randomUUID()) });
      const { customerId } = JSON.parse(text) as { customerId: string };
      const heard = listener.heard(customerId, 'granted');
      await answer(client, customerId, { answer: 'granted', noticeVersion: 1, language: 'da' });
      await heard;
      ready.push(customerId);
    }
  };
  await Promise.all(Array.from({ length: prepareAtOnce }, worker));
  return ready.slice(0, count);
};

/** Milliseconds from the moment at which each withdrawal was due until the handler was called. */
const withdraw = async (client: ShopClient, listener: Listener, customers: readonly string[]): Promise<number[]> => {
  const times: Promise<number>[] = [];
  await openLoop({ count: customers.length, perSecond, tickMs: 1 }, (n, due) => {
    const heard = listener.heard(customers[n]!, 'withdrawn');
    const withdrawn = answer(client, customers[n]!, { answer: 'withdrawn' });
    times.push(Promise.all([heard, withdrawn]).then(([at]) => at - due));
  });
  return Promise.all(times);
};

interface Beside {
  readonly commandsPerSecond: number;
  readonly times: readonly number[];
}

const beside = async (system: Standalone, client: ShopClient, listener: Listener, wanted: number, count: number): Promise<Beside> => {
  const customers = await prepare(client, listener, count);
  if (wanted === 0) return { commandsPerSecond: 0, times: await withdraw(client, listener, customers) };
  const seconds = count / perSecond / (1 - loadWarmsUpFor);
  const loading = load(system, { what: 'changes', concurrency: callers, seconds, perSecond: wanted });
  const withdrawing = sleep(seconds * loadWarmsUpFor * 1000).then(() => withdraw(client, listener, customers));
  const [{ done, seconds: took }, times] = await Promise.all([loading, withdrawing]);
  return { commandsPerSecond: done / took, times };
};

/** One small message by kafkajs alone: from sending it until a consumer is handed it. */
const roundTrips = async (kafka: KafkaCluster, count: number): Promise<number[]> => {
  const topics = KafkaTopics.open({ url: kafka.url });
  const topic = await newTopic(topics, 1);
  await topics.close();
  const client = bareKafka(kafka);
  const [producer, consumer] = [client.producer(), client.consumer({ groupId: randomUUID() })];
  const times: number[] = [];
  let arrived = Promise.withResolvers<void>();
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async () => arrived.resolve() });
  for (let n = 0; n < count; n++) {
    arrived = Promise.withResolvers();
    const begin = performance.now();
    await Promise.all([producer.send({ topic, acks: -1, messages: [{ key: 'key', value: '{}' }] }), arrived.promise]);
    times.push(performance.now() - begin);
  }
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  return times;
};

interface Once {
  readonly roundTrips: readonly number[];
  readonly besides: readonly Beside[];
}

const once = (run: Run, count: number): Promise<Once> =>
  onBroker(run, async (kafka) => {
    const trips = (await roundTrips(kafka, 150)).slice(50);
    const folder = run.folder();
    benchConfig(folder, { systems: true });
    run.progress('starting Kendt');
    const system = await startStandalone(folder, { TOPICS_URL: kafka.url });
    const client = new ShopClient(system.url, shop, system.secret, 64);
    const listener = new Listener(kafka.url, folder);
    try {
      const failed = listener.run().then((): never => {
        throw new Error('The connector has stopped');
      });
      failed.catch(() => undefined); // also when it is closed
      const measure = async (): Promise<Beside[]> => {
        const besides: Beside[] = [];
        for (const wanted of others) {
          run.progress(`withdrawing beside ${wanted} commands/s`);
          besides.push(await beside(system, client, listener, wanted, count));
        }
        return besides;
      };
      return { roundTrips: trips, besides: await soon('Withdrawing', 600, Promise.race([measure(), failed])) };
    } finally {
      client.close();
      await listener.close();
      await system.stop('SIGKILL'); // what its load has left to do is nobody's
    }
  });

const rowsOf = (runs: readonly Once[], place: number): Row[] => {
  const all = runs.map(({ besides }) => besides[place]!);
  const of = `${others[place]!.toLocaleString('en')} other commands/s`;
  const most = place === others.length - 1;
  const latency = (share: number, goal?: string): Row => ({
    case: `withdrawn, until the handler is called, beside ${of}, p${share * 100}`, value: median(all.map(({ times }) => percentile(times, share))), unit: 'ms',
    against: { what: 'one round trip of bare kafkajs, nothing else going on', value: median(runs.map(({ roundTrips: trips }) => percentile(trips, share))) },
    ratio: median(runs.map((one) => percentile(one.besides[place]!.times, share) / percentile(one.roundTrips, share))), ...(goal && { goal }),
  });
  const commands: Row = { case: `done of ${of}`, value: median(all.map(({ commandsPerSecond }) => commandsPerSecond)), unit: '/s' };
  return [...(others[place] === 0 ? [] : [commands]), latency(0.5), latency(0.99, most ? '< 250 ms' : undefined)];
};

export const withdrawal: Bench = {
  name: 'withdrawal',
  about: "from the moment when a consent is withdrawn over REST until a connector's handler is called, beside other commands",
  run: async (run) => {
    const count = run.quick ? 60 : 450;
    const runs: Once[] = [];
    for (let n = 0; n < run.repetitions; n++) {
      run.progress('measuring', n, run.repetitions);
      runs.push(await once(run, count));
    }
    const parameters = {
      repetitions: run.repetitions, withdrawals: `${perSecond}/s, open loop, ${count} of each row`, 'other commands': `changes of a customer's details over REST, from a process of its own, in even distances, at most ${callers} at a time`,
      connector: 'follows consents, in the process that withdraws; fileStore', broker: brokerIs,
    };
    return { parameters, rows: others.flatMap((_, place) => rowsOf(runs, place)) };
  },
};
