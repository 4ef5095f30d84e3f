import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { erasureTaskMessages, type ErasureTaskIssued, fromMessage, topics as names } from '@kendt/contracts';
import { runConsumer, type TopicMessage } from '@kendt/eventsourcing';
import { answerTask, Installation, invoice, until } from './erasure.examples.js';

describe('what systems answer', () => {
  let shop: Installation;
  let customerId: string;
  let caseId: string;
  let crm: ErasureTaskIssued;
  let dead: TopicMessage[];
  const stop = new AbortController();
  const client = { scopes: ['erasure:request'], brand: 'fjord' };

  beforeEach(async () => {
    shop = await Installation.open();
    await shop.declare('crm', 'erp');
    customerId = await shop.register();
    await shop.start();
    dead = [];
    void runConsumer(shop.ports.topics, { group: 'watch-dead', topics: /\.dlq$/, handle: async (message) => void dead.push(message) }, stop.signal);
    const tasks: ErasureTaskIssued[] = [];
    const handle = async (message: TopicMessage): Promise<void> => void tasks.push(fromMessage(message, erasureTaskMessages).data);
    void runConsumer(shop.ports.topics, { group: 'watch', topics: [names.erasureTasks], handle }, stop.signal);
    ({ caseId } = (await (await shop.service.request('/v1/erasure-cases', { body: { customerId }, as: client })).json()) as { caseId: string });
    await shop.service.request(`/v1/erasure-cases/${caseId}/confirm`, { body: { token: await shop.confirmToken() }, as: client });
    crm = await until(async () => tasks.find(({ systemId }) => systemId === 'crm'));
    await until(async () => (await shop.caseEvents(caseId)).includes('KeysDestroyed'));
  });
  afterEach(() => shop.end());

  const reasons = (): (string | undefined)[] => dead.map(({ headers }) => headers['kendt-reason']);
  const acknowledged = async (): Promise<number> => (await shop.caseEvents(caseId)).filter((type) => type === 'TaskAcknowledged').length;

  it('are taken once, however often they come, under the same id or another', async () => {
    await answerTask(shop.ports.topics, 'crm', crm, {});
    await answerTask(shop.ports.topics, 'crm', crm, {});
    await until(async () => (await acknowledged()) === 1);
    const before = await shop.events(`holdings-${customerId}`);
    await answerTask(shop.ports.topics, 'crm', crm, { outcome: 'retained', retained: [invoice] }, 'another-id');
    await answerTask(shop.ports.topics, 'crm', { ...crm, caseId: 'no-such-case' }, {}, 'after-it');
    await until(async () => dead.length === 1); // what came before it has been handled
    expect([await acknowledged(), reasons()]).toEqual([1, ['ERASURE_NOT_FOUND']]);
    expect(await shop.events(`holdings-${customerId}`)).toEqual(before);
  });

  it('speak for the system of the topic alone', async () => {
    await answerTask(shop.ports.topics, 'erp', crm, {});
    await until(async () => dead.length === 1);
    expect(reasons()).toEqual(['TASK_OF_ANOTHER_SYSTEM']);
    expect(dead[0]?.topic).toBe('kendt.erasure-receipts.erp.v1.erasure-receipts.dlq');
    expect(await acknowledged()).toBe(0);
  });

  it('speak of the customer of the case alone', async () => {
    await answerTask(shop.ports.topics, 'crm', { ...crm, customerId: '0192f0c1-0000-7000-8000-000000000000' }, {});
    await answerTask(shop.ports.topics, 'crm', crm, { comment: 'about ida' } as object, 'unknown-field');
    await until(async () => dead.length === 2);
    expect(reasons()).toEqual(['CASE_OF_ANOTHER_CUSTOMER', 'MESSAGE_INVALID']);
    expect(await acknowledged()).toBe(0);
  });

  it('may fail first and succeed later', async () => {
    await answerTask(shop.ports.topics, 'crm', crm, { outcome: 'failed', reason: 'database is down' }, 'first');
    await until(async () => (await shop.caseEvents(caseId)).includes('TaskFailed'));
    const seen = (await (await shop.service.request(`/v1/erasure-cases/${caseId}`, { as: client })).json()) as { tasks: object[] };
    expect(seen.tasks).toContainEqual(expect.objectContaining({ systemId: 'crm', status: 'failed', reason: 'database is down' }));
    await answerTask(shop.ports.topics, 'crm', crm, {}, 'second');
    await until(async () => (await acknowledged()) === 1);
  });
});
