import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { erasureTaskMessages, type ErasureTaskIssued, fromMessage, topics as names } from '@kendt/contracts';
import { erasureStream } from '@kendt/domain';
import type { TopicMessage } from '@kendt/eventsourcing';
import { ErasureDeadlines } from './index.js';
import { answerTask, Installation, invoice, until } from './erasure.examples.js';

describe('what time brings about', () => {
  let shop: Installation;
  let customerId: string;
  let published: TopicMessage[];
  const stop = new AbortController();

  beforeEach(async () => {
    shop = await Installation.open();
    published = [];
    await shop.declare('crm', 'erp');
    customerId = await shop.register();
    await shop.start();
    void shop.ports.topics.consume({ group: 'watch', topics: [names.erasureTasks], handle: async (message) => void published.push(message), signal: stop.signal });
  });
  afterEach(() => shop.end());

  const client = { scopes: ['erasure:request'], brand: 'fjord' };
  const request = async (): Promise<string> => ((await (await shop.service.request('/v1/erasure-cases', { body: { customerId }, as: client })).json()) as { caseId: string }).caseId;
  const confirmed = async (): Promise<string> => {
    const caseId = await request();
    const answer = await shop.service.request(`/v1/erasure-cases/${caseId}/confirm`, { body: { token: await shop.confirmToken() }, as: client });
    expect(answer.status).toBe(200);
    await until(async () => published.length >= 2 && (await shop.caseEvents(caseId)).includes('KeysDestroyed'));
    return caseId;
  };
  const task = (systemId: string, n = 0): ErasureTaskIssued => tasks().filter((each) => each.systemId === systemId)[n] as ErasureTaskIssued;
  const tasks = (): ErasureTaskIssued[] => published.map((message) => fromMessage(message, erasureTaskMessages).data);
  const sweepAt = async (days: number): Promise<void> => {
    const then = Date.now() + days * 86_400_000;
    shop.now = () => new Date(then);
    await shop.service.app.get(ErasureDeadlines).sweep();
  };
  const waitFor = (caseId: string, type: string, times = 1) => until(async () => (await shop.caseEvents(caseId)).filter((each) => each === type).length === times);

  it('chases a slow system once, with the same task under a new message id, and does not hold up the rest', async () => {
    const caseId = await confirmed();
    await answerTask(shop.ports.topics, 'crm', task('crm'), {});
    await waitFor(caseId, 'TaskAcknowledged');
    await sweepAt(6);
    expect(await shop.caseEvents(caseId)).not.toContain('TaskOverdue');
    await sweepAt(8);
    await sweepAt(9);
    await until(async () => published.length === 3);
    expect((await shop.caseEvents(caseId)).filter((type) => type === 'TaskOverdue')).toHaveLength(1);
    const owed = async (systemId: string) =>
      ((await (await shop.service.request(`/v1/systems/${systemId}`, { as: { clientId: 'compliance', scopes: ['erasure:manage'] } })).json()) as { overdueTasks: number }).overdueTasks;
    await until(async () => (await owed('erp')) === 1);
    expect(await owed('crm')).toBe(0);
    const [first, reminder] = published.filter((message) => fromMessage(message, erasureTaskMessages).data.systemId === 'erp');
    expect(task('erp', 1)).toEqual(task('erp', 0));
    expect([first?.headers['kendt-reminder'], reminder?.headers['kendt-reminder']]).toEqual([undefined, 'true']);
    expect(reminder?.headers['ce_id']).not.toBe(first?.headers['ce_id']);
    await answerTask(shop.ports.topics, 'erp', task('erp'), { outcome: 'unknown' });
    await waitFor(caseId, 'ErasureCompleted');
    await until(async () => (await owed('erp')) === 0);
  });

  it('is found after a stop of many days, at the start', async () => {
    const caseId = await confirmed();
    await shop.service.close();
    const later = Date.now() + 10 * 86_400_000;
    shop.now = () => new Date(later);
    await shop.start();
    await waitFor(caseId, 'TaskOverdue', 2);
  });

  it('asks again when what a law kept has had its time, on the day after the last', async () => {
    const caseId = await confirmed();
    await answerTask(shop.ports.topics, 'crm', task('crm'), {});
    await answerTask(shop.ports.topics, 'erp', task('erp'), { outcome: 'retained', retained: [invoice, { ...invoice, record: 'INV-2030-0007', until: '2035-12-31' }] });
    await waitFor(caseId, 'ErasureCompleted');
    const certificate = () => fetch(`${shop.service.httpUrl}/erasure/${caseId}/certificate`).then((answer) => answer.text());
    const before = await certificate();
    const daysTo = (time: string): number => (Date.parse(time) - Date.now()) / 86_400_000;
    await sweepAt(daysTo('2031-12-31T23:59:59.000Z'));
    expect(await shop.caseEvents(caseId)).not.toContain('RetentionEnded');
    await sweepAt(daysTo('2032-01-01T00:00:01.000Z'));
    await sweepAt(daysTo('2032-01-01T00:01:01.000Z'));
    await until(async () => published.length === 3);
    const second = task('erp', 1);
    expect(second).toMatchObject({ kind: 'erase-retained', records: [invoice.record] });
    await answerTask(shop.ports.topics, 'erp', second, {});
    await waitFor(caseId, 'RetainedDataErased');
    const types = await shop.caseEvents(caseId);
    expect(types.filter((type) => type === 'RetentionEnded')).toHaveLength(1);
    expect((await shop.service.app.get(ErasureDeadlines).sweep(), await shop.caseEvents(caseId))).toEqual(types);
    const holdings = (await shop.events(`holdings-${customerId}`)).map(({ type, data }) => `${type} ${(data as { record: string }).record}`);
    expect(holdings).toEqual([`HoldingReported ${invoice.record}`, 'HoldingReported INV-2030-0007', `HoldingEnded ${invoice.record}`]);
    expect(await certificate()).toBe(before);
  });

  it('ends a request that nobody confirms, and the next one is a new case', async () => {
    const caseId = await request();
    await sweepAt(6.9);
    expect(await shop.caseEvents(caseId)).toEqual(['ErasureRequested']);
    await sweepAt(7.1);
    expect(await shop.events(erasureStream(caseId))).toEqual([expect.anything(), expect.objectContaining({ type: 'ErasureRefused', data: expect.objectContaining({ reason: 'not-confirmed' }) })]);
    shop.now = () => new Date();
    expect(await request()).not.toBe(caseId);
  });
});
