import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { eventually } from '../contracts/opened.js';
import { type KafkaCluster, startKafka } from './broker.js';
import { describeWithBrokers } from './describe.js';
import { sharedKafka } from './shared.js';

const client = (brokers: string[], more: Partial<kafkajs.KafkaConfig> = {}): kafkajs.Kafka =>
  new kafkajs.Kafka({ clientId: 'test', brokers, logLevel: kafkajs.logLevel.NOTHING, retry: { initialRetryTime: 100, retries: 10 }, ...more });

const createTopic = async (kafka: kafkajs.Kafka, replicas = 1): Promise<string> => {
  const topic = `test.${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1, replicationFactor: replicas }] });
  // kafkajs itself would wait for a leader, but gives up where a broker has not heard of the topic yet.
  const leader = (): Promise<number | undefined> => admin.fetchTopicMetadata({ topics: [topic] }).then(({ topics }) => topics[0]?.partitions[0]?.leader, () => undefined);
  await eventually(async () => ((await leader()) ?? -1) >= 0, 'the topic has a leader');
  await admin.disconnect();
  return topic;
};

const send = async (kafka: kafkajs.Kafka, topic: string, ...values: string[]): Promise<void> => {
  const producer = kafka.producer({ maxInFlightRequests: 1, idempotent: true });
  try {
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ key: 'k', value })) });
  } finally {
    await producer.disconnect();
  }
};

/** While brokers come and go, a client may give up sooner than they come back. */
const insist = async <T>(work: () => Promise<T>): Promise<T> => {
  for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 200)))
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
};

/** The first so many messages of a topic. */
const received = async (kafka: kafkajs.Kafka, topic: string, count: number): Promise<string[]> => {
  const consumer = kafka.consumer({ groupId: `group.${randomUUID()}`, maxWaitTimeInMs: 100 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const values: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: kafkajs.EachMessagePayload): Promise<void> => {
        if (values.push(String(message.value)) === count) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    return values;
  } finally {
    await consumer.disconnect();
  }
};

describe('Kafka in tests', () => {
  const addresses = sharedKafka().url.replace('kafka://', '').split(',');

  it('takes messages and gives them back in order', async () => {
    const kafka = client(addresses);
    const topic = await createTopic(kafka);
    await send(kafka, topic, 'one', 'two');
    await expect(received(kafka, topic, 2)).resolves.toEqual(['one', 'two']);
  });
});

describeWithBrokers('the broker that tests share', () => {
  const { addresses, certificate, users } = sharedKafka().ours!;
  const knows = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512', username: string, password = users[username]!, brokers = addresses.sasl): kafkajs.Kafka =>
    client(brokers, { sasl: { mechanism, username, password } as kafkajs.SASLOptions, ...(brokers !== addresses.sasl && { ssl: { ca: [certificate!] } }) });
  const topics = async (kafka: kafkajs.Kafka): Promise<string[]> => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  };

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('lets in who has the password by %s, and nobody else', async (mechanism) => {
    await expect(topics(knows(mechanism, 'kendt'))).resolves.toBeInstanceOf(Array);
    await expect(topics(knows(mechanism, 'kendt', 'guessed'))).rejects.toThrow(/authentication/i);
  });

  it('takes the word of an unsigned token by OAUTHBEARER', async () => {
    const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const value = `${part({ alg: 'none' })}.${part({ sub: 'kendt', iat: now, exp: now + 600 })}.`;
    const sasl = { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value }) } as const;
    await expect(topics(client(addresses.sasl, { sasl }))).resolves.toBeInstanceOf(Array);
  });

  it('speaks TLS to those that trust its certificate, with and without a password', async () => {
    await expect(topics(client(addresses.tls, { ssl: { ca: [certificate!] } }))).resolves.toBeInstanceOf(Array);
    await expect(topics(knows('scram-sha-512', 'kendt', users['kendt'], addresses.saslOverTls))).resolves.toBeInstanceOf(Array);
    await expect(topics(client(addresses.tls, { ssl: true, retry: { retries: 0 } }))).rejects.toThrow(/self-signed/);
  });

  it('denies what no ACL allows', async () => {
    const kendt = client(addresses.plain);
    const topic = await createTopic(kendt);
    const crm = knows('scram-sha-512', 'crm');
    await expect(send(crm, topic, 'not allowed')).rejects.toThrow(/authoriz/i);
    const admin = kendt.admin();
    await admin.connect();
    const { AclOperationTypes: operation, AclPermissionTypes: permission, AclResourceTypes: resource, ResourcePatternTypes: pattern } = kafkajs;
    await admin.createAcls({
      acl: [{ resourceType: resource.TOPIC, resourceName: topic, resourcePatternType: pattern.LITERAL, principal: 'User:crm', host: '*', operation: operation.WRITE, permissionType: permission.ALLOW }],
    });
    await admin.disconnect();
    await send(crm, topic, 'allowed');
    await expect(received(kendt, topic, 1)).resolves.toEqual(['allowed']);
  });
});

describeWithBrokers('three brokers', () => {
  let kafka: KafkaCluster;
  beforeAll(async () => void (kafka = await startKafka({ brokers: 3 })));
  afterAll(() => kafka?.stop());

  it('go on without their leader, and keep what was acknowledged through its death', async () => {
    const to = client(kafka.addresses.plain);
    const topic = await createTopic(to, 3);
    await send(to, topic, 'before');
    const leader = await kafka.leaderOf(topic, 0);
    await leader.kill();
    await insist(() => send(to, topic, 'without'));
    expect((await insist(() => kafka.leaderOf(topic, 0))).id).not.toBe(leader.id);
    await leader.start();
    await expect(insist(() => received(to, topic, 2))).resolves.toEqual(['before', 'without']);
    await Promise.all(kafka.nodes.map((node) => node.kill()));
    await Promise.all(kafka.nodes.map((node) => node.start()));
    await expect(insist(() => received(to, topic, 2))).resolves.toEqual(['before', 'without']);
  });

  it('leave nothing behind', async () => {
    const [node] = kafka.nodes;
    expect(existsSync(node!.logDir)).toBe(true);
    await kafka.stop();
    expect(kafka.nodes.some(({ isRunning }) => isRunning)).toBe(false);
    expect(existsSync(node!.logDir)).toBe(false);
  });
});
