import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { erasureTaskMessages, type ErasureTaskIssued, fromMessage, toMessage, topics as names } from '@kendt/contracts';
import type { TopicMessage } from '@kendt/eventsourcing';
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
    void shop.ports.topics.consume({ group: 'watch-dead', topics: /\.dlq$/, handle: async (message) => void dead.push(message), signal: stop.signal });
    const tasks: ErasureTaskIssued[] = [];
    const handle = async (message: TopicMessage): Promise<void> => void tasks.push(fromMessage(message, erasureTaskMessages).data);
    void shop.ports.topics.consume({ group: 'watch', topics: [names.erasureTasks], handle, signal: stop.signal });
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

  it('are recorded with the system that spoke for another, for whoever audits', async () => {
    await answerTask(shop.ports.topics, 'erp', crm, {});
    await until(async () => dead.length === 1);
    expect((await shop.events('system-erp')).at(-1)).toMatchObject({ type: 'SystemMessageRefused', data: { topic: names.erasureReceipts('erp'), reason: 'TASK_OF_ANOTHER_SYSTEM' } });
  });

  it('are heard from a system that was registered while Kendt ran', async () => {
    const declared = await shop.service.request('/v1/systems/late', { method: 'PUT', body: { name: 'Late', brandIds: ['fjord'], holds: [{ what: 'contact', basis: 'contract' }] }, as: { scopes: ['erasure:manage'] } });
    expect(declared.status).toBe(200);
    const data = { customerId, record: 'contact-1', what: 'contact', basis: 'consent', at: new Date().toISOString() };
    await shop.ports.topics.publish([toMessage({ topic: names.holdings('late'), key: customerId, type: 'kendt.holding.reported.v1', source: 'urn:kendt:system:late', id: 'late-1', time: data.at, data })]);
    await until(async () => (await shop.events(`holdings-${customerId}`)).some(({ metadata }) => metadata.actorId === 'late'));
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
