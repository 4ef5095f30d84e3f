import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConsumeOptions, TopicMessage } from '@kendt/eventsourcing';
import { describeWithBrokers, eventually, rejection } from '@kendt/testing';
import { type KafkaCluster, sharedKafka, startKafka } from '@kendt/testing/kafka';
import { KafkaTopics } from './topics.kafka.js';

const timing = { heartbeat: 200, fetchWait: 50, refresh: 200 };
const fresh = (): string => `test.${randomBytes(6).toString('hex')}`;
const word = (topic: string, key: string, text: string) => ({ topic, key, value: Buffer.from(text), headers: {} });
const textOf = ({ value }: TopicMessage): string => Buffer.from(value!).toString();

describe('Kafka topics', () => {
  const opened: KafkaTopics[] = [];
  const open = (url = sharedKafka().url): KafkaTopics => {
    const topics = KafkaTopics.open({ url, timing });
    opened.push(topics);
    return topics;
  };
  afterEach(async () => void (await Promise.all(opened.splice(0).map((topics) => topics.close()))));

  const made = async (topics: KafkaTopics, partitions: number): Promise<string> => {
    const name = fresh();
    await topics.ensure([{ name, cleanup: 'delete', partitions }]);
    return name;
  };

  const consuming = (topics: KafkaTopics, options: Omit<ConsumeOptions, 'signal'>) => {
    const abort = new AbortController();
    const started = Promise.withResolvers<void>();
    const done = topics.consume({ ...options, signal: abort.signal, control: () => started.resolve() });
    return { started: started.promise, stop: () => (abort.abort(), done) };
  };

  it('say of a topic that is there in what it differs, and change nothing', async () => {
    const topics = open();
    const name = fresh();
    await topics.ensure([{ name, cleanup: 'compact', partitions: 2, replication: 1, segmentMs: 5_000, deleteRetentionMs: 60_000 }]);
    const other = { name, cleanup: 'compact', partitions: 3, segmentMs: 6_000, maxCompactionLagMs: 1_000 } as const;
    expect((await rejection(topics.ensure([{ name: fresh(), cleanup: 'delete' }, other]))) as Error).toMatchObject({
      message: `Topic ${name} has maxCompactionLagMs 9223372036854775807, and 1000 is asked for; Topic ${name} has segmentMs 5000, and 6000 is asked for; Topic ${name} has partitions 2, and 3 is asked for`,
    });
    await topics.ensure([{ name, cleanup: 'compact', partitions: 2, replication: 1, segmentMs: 5_000, deleteRetentionMs: 60_000 }]);
  });

  it('hand over messages that other systems have sent without a key, a value or headers', async () => {
    const topics = open();
    const name = await made(topics, 1);
    await topics.publish([{ topic: name, key: '', value: null, headers: {} }]);
    expect(await Array.fromAsync(topics.read(name))).toMatchObject([{ key: '', value: null, headers: {} }]);
  });

  it('let one partition wait for its message while others go on', async () => {
    const topics = open();
    const name = await made(topics, 4);
    const keys = Array.from({ length: 40 }, (_, n) => `k${n}`);
    await topics.publish(keys.map((key) => word(name, key, key)));
    const stuck = (await Array.fromAsync(topics.read(name))).find(({ key }) => key === 'k0')!.partition;
    const seen: TopicMessage[] = [];
    let healthy = false;
    const consumer = consuming(topics, {
      topics: [name], group: name,
      handle: async (message) => {
        if (message.key === 'k0' && !healthy) throw new Error('not now');
        seen.push(message);
      },
    });
    const others = (await Array.fromAsync(topics.read(name))).filter(({ partition }) => partition !== stuck);
    await eventually(() => seen.filter(({ partition }) => partition !== stuck).length === others.length, 'the other partitions are done');
    healthy = true;
    await eventually(() => seen.length === 40, 'all are done');
    await consumer.stop();
    expect(new Set(seen.map(({ key }) => key)).size).toBe(40);
  });

  it('leave a partition with who needs longer for a message than a member may be silent', async () => {
    const topics = open();
    const name = await made(topics, 2);
    const seen: string[] = [];
    const member = () => consuming(open(), {
      topics: [name], group: name,
      handle: async (message) => {
        seen.push(`begin ${textOf(message)}`);
        if (textOf(message) === '1') await sleep(9_000);
        seen.push(`end ${textOf(message)}`);
      },
    });
    const members = [member(), member()];
    await Promise.all(members.map(({ started }) => started)); // who joins later may be given the partition in the middle of a message
    await topics.publish([word(name, 'slow', '1'), word(name, 'slow', '2')]);
    await eventually(() => seen.at(-1) === 'end 2', 'both are handled', 30_000);
    await Promise.all(members.map(({ stop }) => stop()));
    expect(seen).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('lose, double and reorder nothing while members come and go under load', async () => {
    const topics = open();
    const name = await made(topics, 6);
    const [keys, rounds] = [Array.from({ length: 24 }, (_, n) => `k${n}`), 60];
    const seen = new Map<string, number[]>(keys.map((key) => [key, []]));
    const inHand = new Set<string>();
    let atOnce = 0;
    const handle = async (message: TopicMessage): Promise<void> => {
      if (inHand.has(message.key)) atOnce++;
      inHand.add(message.key);
      await sleep(Math.random() * 4);
      seen.get(message.key)!.push(Number(textOf(message)));
      inHand.delete(message.key);
    };
    const member = () => consuming(open(), { topics: [name], group: name, handle });
    const members = [member()];
    const publishing = (async () => {
      for (let round = 0; round < rounds; round++) {
        await topics.publish(keys.map((key) => word(name, key, String(round))));
        await sleep(60);
      }
    })();
    for (let n = 0; n < 6; n++) {
      await sleep(500);
      if (n % 2 === 0) members.push(member());
      else await members.splice(Math.floor(Math.random() * members.length), 1)[0]!.stop();
    }
    await publishing;
    await eventually(() => [...seen.values()].every((numbers) => new Set(numbers).size === rounds), 'everything is handled', 30_000);
    await Promise.all(members.map(({ stop }) => stop()));
    expect(atOnce).toBe(0);
    for (const numbers of seen.values()) expect(numbers).toEqual(Array.from({ length: rounds }, (_, round) => round));
  });
});

describeWithBrokers('Kafka topics behind a login', () => {
  const { addresses, certificate, users } = sharedKafka().ours!;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-kafka-login-'));
    writeFileSync(join(folder, 'ca.pem'), certificate!);
    writeFileSync(join(folder, 'password'), `${users['kendt']}\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'wrong'), 'guessed', { mode: 0o600 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const login = (mechanism: string, password = 'password') => `sasl=${mechanism}&username=kendt&password=file:${join(folder, password)}`;
  const names = async (url: string): Promise<unknown> => {
    const topics = KafkaTopics.open({ url, timing });
    return topics.names().catch((error: unknown) => error).finally(() => topics.close());
  };

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('are reached by %s, with TLS and without', async (mechanism) => {
    expect(await names(`kafka://${addresses.sasl.join()}?${login(mechanism)}`)).toBeInstanceOf(Array);
    expect(await names(`kafkas://${addresses.saslOverTls.join()}?tlsCaFile=${join(folder, 'ca.pem')}&${login(mechanism)}`)).toBeInstanceOf(Array);
  });

  it('are reached by oauthbearer, with a token that is asked for', async () => {
    const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const token = `${part({ alg: 'none' })}.${part({ sub: 'kendt', iat: now, exp: now + 600 })}.`;
    const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: token, expires_in: 600 })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const tokenUrl = encodeURIComponent(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`);
    const options = `sasl=oauthbearer&tokenUrl=${tokenUrl}&clientId=kendt&clientSecret=file:${join(folder, 'password')}`;
    expect(await names(`kafka://${addresses.sasl.join()}?${options}`)).toBeInstanceOf(Array);
    server.closeAllConnections();
    server.close();
  });

  it('are not reached with a wrong password, or where the certificate is not trusted', async () => {
    expect(await names(`kafka://${addresses.sasl.join()}?${login('scram-sha-512', 'wrong')}`)).toMatchObject({ message: 'Kafka refused the login: check sasl, user and secret.' });
    expect(await names(`kafkas://${addresses.tls.join()}?tlsCaFile=${join(folder, 'ca.pem')}`)).toBeInstanceOf(Array);
    expect(await names(`kafkas://${addresses.tls.join()}`)).toMatchObject({ code: 'TOPICS_UNAVAILABLE' });
  });
});

describeWithBrokers('Kafka topics while the broker is away', () => {
  let kafka: KafkaCluster;
  beforeAll(async () => void (kafka = await startKafka()));
  afterAll(() => kafka?.stop());

  it('are taken up again by themselves, before the membership that was lost has run out, and nothing that was acknowledged is lost', async () => {
    const topics = KafkaTopics.open({ url: kafka.url, timing: { ...timing, session: 30_000 } });
    const name = fresh();
    await topics.ensure([{ name, cleanup: 'delete', partitions: 2 }]);
    const [seen, acknowledged]: [string[], string[]] = [[], []];
    const abort = new AbortController();
    const consumer = topics.consume({ topics: [name], group: 'g', signal: abort.signal, handle: async (message) => void seen.push(textOf(message)) });
    const publish = async (n: number): Promise<void> => {
      for (;;) {
        try {
          await topics.publish([word(name, `k${n % 3}`, String(n))]);
          acknowledged.push(String(n));
          return;
        } catch (error) {
          expect(error).toMatchObject({ code: 'TOPICS_UNAVAILABLE', kind: 'busy' });
        }
      }
    };
    for (let n = 0; n < 20; n++) await publish(n);
    await kafka.nodes[0]!.kill();
    expect(await rejection(topics.ensure([]))).toMatchObject({ code: 'TOPICS_UNAVAILABLE' });
    const meanwhile = (async () => {
      for (let n = 20; n < 40; n++) await publish(n);
    })();
    await sleep(1_000);
    await kafka.nodes[0]!.start();
    await meanwhile;
    await eventually(() => acknowledged.every((one) => seen.includes(one)), 'the consumer has all of them', 15_000);
    abort.abort();
    await consumer;
    await topics.close();
    expect([...new Set(seen.filter((_, index, all) => Number(all[index]) % 3 === 0))].map(Number)).toEqual(Array.from({ length: 14 }, (_, n) => n * 3));
  });

  it('are closed within five seconds', async () => {
    const topics = KafkaTopics.open({ url: kafka.url, timing });
    const name = fresh();
    await topics.ensure([{ name, cleanup: 'delete' }]);
    const started = Promise.withResolvers<void>();
    const consumer = topics.consume({ topics: [name], group: 'closing', signal: new AbortController().signal, handle: async () => undefined, control: () => started.resolve() });
    await started.promise;
    await topics.publish([word(name, 'k', '1')]);
    await kafka.nodes[0]!.kill();
    const publishing = topics.publish([word(name, 'k', '2')]).catch(() => undefined);
    const began = performance.now();
    await topics.close();
    expect(performance.now() - began).toBeLessThan(5_000);
    await Promise.all([consumer, publishing]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
