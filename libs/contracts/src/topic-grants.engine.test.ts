import { beforeAll, expect, it } from '@jest/globals';
import { describeWithBrokers } from '@kendt/testing';
import { sharedKafka } from '@kendt/testing/kafka';
import kafkajs from 'kafkajs';
import { topicContracts, topics } from './topics.js';
import { type GrantedOperation, type TopicGrant, topicGrants } from './topic-grants.js';

const { AclOperationTypes: operations, AclPermissionTypes: permission, AclResourceTypes: resources, ResourcePatternTypes: patterns } = kafkajs;
const operationOf: Readonly<Record<GrantedOperation, kafkajs.AclOperationTypes>> = {
  Read: operations.READ, Write: operations.WRITE, Create: operations.CREATE, Describe: operations.DESCRIBE, DescribeConfigs: operations.DESCRIBE_CONFIGS,
};

const aclsOf = ({ principal, resource, name, pattern, operations: granted }: TopicGrant): kafkajs.AclEntry[] =>
  granted.map((one) => ({
    principal, host: '*', permissionType: permission.ALLOW, operation: operationOf[one],
    resourceType: resource === 'topic' ? resources.TOPIC : resources.GROUP, resourceName: name, resourcePatternType: pattern === 'literal' ? patterns.LITERAL : patterns.PREFIXED,
  }));

/** On a broker that denies what is not granted: `crm` serves fjord, `shop` serves lund. */
describeWithBrokers('what systems are granted', () => {
  const { addresses, users } = sharedKafka().ours!;
  const as = (username: string): kafkajs.Kafka =>
    new kafkajs.Kafka({
      clientId: username, brokers: addresses.sasl, logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 2, initialRetryTime: 100 },
      sasl: { mechanism: 'scram-sha-512', username, password: users[username]! },
    });

  beforeAll(async () => {
    const systems = [{ systemId: 'crm', brandIds: ['fjord'] }, { systemId: 'shop', brandIds: ['lund'] }];
    const contracts = topicContracts({ brands: ['fjord', 'lund'], systems: ['crm', 'shop'] });
    const admin = as('kendt').admin();
    await admin.connect();
    const there = await admin.listTopics();
    const missing = [...contracts.map(({ name }) => name), deadLetters].filter((topic) => !there.includes(topic));
    // Not waiting for leaders: kafkajs gives up where a broker has not heard of a topic yet; what is written below waits for that too.
    await admin.createTopics({ waitForLeaders: false, topics: missing.map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })) });
    await admin.createAcls({ acl: topicGrants({ systems, groups: ['profile-purchases'] }).flatMap(aclsOf) });
    await admin.disconnect();
    await eventuallyAllowed(() => write('crm', topics.purchases('crm')));
    await eventuallyAllowed(() => write('shop', topics.purchases('shop')));
  });

  /** Brokers hear of new rules a moment later. */
  const eventuallyAllowed = async (work: () => Promise<unknown>): Promise<void> => {
    for (const deadline = Date.now() + 30_000; ; )
      try {
        return void (await work());
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
  };

  const write = async (username: string, topic: string): Promise<unknown> => {
    const producer = as(username).producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 2 } });
    try {
      await producer.connect();
      return await producer.send({ topic, acks: -1, messages: [{ key: 'k', value: 'v' }] });
    } finally {
      await producer.disconnect();
    }
  };
  /** Resolves with the first message, or rejects with why it may not be read. A broker that has just started needs a moment for groups. */
  const read = async (username: string, topic: string, groupId: string): Promise<string> => {
    for (;;)
      try {
        return await readOnce(username, topic, groupId);
      } catch (error) {
        if (!/coordinator is loading/.test((error as Error).message)) throw error;
      }
  };
  const readOnce = async (username: string, topic: string, groupId: string): Promise<string> => {
    const consumer = as(username).consumer({ groupId, maxWaitTimeInMs: 100, retry: { retries: 20, initialRetryTime: 100 } });
    const crashed = new Promise<never>((_, reject) => consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error)));
    crashed.catch(() => undefined);
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      return await Promise.race([crashed, new Promise<string>((resolve, reject) => void consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) }).catch(reject))]);
    } finally {
      await consumer.disconnect();
    }
  };
  const deadLetters = `${topics.purchases('crm')}.profile-purchases.dlq`;
  const denied = /authoriz/i;
  const deniedGroup = /authoriz|find group coordinator/i; // what kafkajs makes of GROUP_AUTHORIZATION_FAILED

  it('lets a system write its own topics, and no other', async () => {
    await write('crm', topics.purchases('crm'));
    for (const topic of [topics.purchases('shop'), topics.profiles('fjord'), topics.customers, deadLetters]) await expect(write('crm', topic)).rejects.toThrow(denied);
  });

  it('lets a system read the profiles of its brands, and of no other, in groups of its own', async () => {
    await write('kendt', topics.profiles('fjord'));
    await write('kendt', topics.profiles('lund'));
    await expect(read('crm', topics.profiles('fjord'), 'crm.test')).resolves.toBe('v');
    await expect(read('shop', topics.profiles('lund'), 'shop.test')).resolves.toBe('v');
    await expect(read('shop', topics.profiles('fjord'), 'shop.other')).rejects.toThrow(denied);
    await expect(read('crm', topics.profiles('fjord'), 'shop.taken')).rejects.toThrow(deniedGroup);
  });

  it('lets no system read what others say, or dead letters', async () => {
    for (const topic of [topics.purchases('crm'), deadLetters]) await expect(read('shop', topic, 'shop.curious')).rejects.toThrow(denied);
  });
});
