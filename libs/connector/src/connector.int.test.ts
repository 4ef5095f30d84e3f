import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toMessage, topicContracts, topics } from '@kendt/contracts';
import { connect } from './connector.js';
import { erased } from './erasure-answer.js';
import { fileStore } from './file.store.js';
import { TopicLog } from './topic-log.js';

const at = '2026-03-01T09:30:00.000Z';
let folder: string;
let log: TopicLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kendt-connector-'));
  log = TopicLog.open(join(folder, 'topics.db'));
  log.ensure(topicContracts({ brands: ['fjord', 'lund'], systems: ['crm'] }));
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

const event = (topic: string, type: string, id: string, data: object | null) => toMessage({ topic, type, key: 'ida', source: 'urn:kendt:test', id, time: at, data });
const profile = (id: string) =>
  event(topics.profiles('fjord'), 'kendt.profile.changed.v1', id, { customerId: 'ida', brandId: 'fjord', kind: 'full', emailVerified: true, language: 'da', consents: [] });
const task = event(topics.erasureTasks, 'kendt.erasure.task-issued.v1', 'task-event', { taskId: 't', caseId: 'c', customerId: 'ida', systemId: 'crm', kind: 'erase', issuedAt: at, dueAt: at });

const connectCrm = (heard: string[], tries = 5) =>
  connect({ system: 'crm', topics: `sqlite:${join(folder, 'topics.db')}`, store: fileStore(join(folder, 'memory')), onError: () => undefined, tries, backoffMs: 1 })
    .onCustomer((change, { id }) => void heard.push(`${change.kind} ${id}`))
    .onConsent(({ state }) => void heard.push(state))
    .onErasure(({ taskId }) => (heard.push(taskId), erased()));

const eventually = async (check: () => boolean): Promise<void> => {
  for (let n = 0; n < 400; n++, await sleep(5)) if (check()) return;
  throw new Error('did not happen');
};

describe('a connector on a topic file that another process shares', () => {
  it('goes on after a restart where it stopped', async () => {
    const heard: string[] = [];
    log.publish([profile('p1')]);
    const first = connectCrm(heard);
    const running = first.run();
    await first.ready;
    await first.close();
    await running;
    log.publish([profile('p2'), event(topics.profiles('fjord'), 'kendt.profile.changed.v1', 'p3', null)]);
    const second = connectCrm(heard);
    void second.run();
    await second.ready;
    expect(heard).toEqual(['changed p1', 'gone p3']); // p2 was compacted away before anybody saw it
    await second.close();
  });

  it('hears of a withdrawal within a second', async () => {
    const heard: string[] = [];
    const crm = connectCrm(heard);
    void crm.run();
    await crm.ready;
    const before = performance.now();
    log.publish([event(topics.consents, 'kendt.consent.withdrawn.v1', 'c1', { customerId: 'ida', at, brandId: 'fjord', purposeId: 'newsletter' })]);
    await eventually(() => heard.length === 1);
    expect(performance.now() - before).toBeLessThan(1000);
    await crm.close();
  });

  it('answers a task on its own topic', async () => {
    const crm = connectCrm([]);
    void crm.run();
    await crm.ready;
    log.publish([task]);
    await eventually(() => log.lag({ topics: [topics.erasureReceipts('crm')], group: 'test' })[0]?.messages === 1);
    await crm.close();
    const [receipt] = log.poll({ topics: [topics.erasureReceipts('crm')], group: 'test' });
    expect(JSON.parse(Buffer.from(receipt?.value ?? []).toString())).toMatchObject({ taskId: 't', customerId: 'ida', outcome: 'erased' });
  });

  it('finds a parked message again by its coordinates', async () => {
    const heard: string[] = [];
    let broken = true;
    log.publish([task]);
    const crm = connect({ system: 'crm', topics: `sqlite:${join(folder, 'topics.db')}`, store: fileStore(join(folder, 'memory')), onError: () => undefined, tries: 1 });
    crm.onErasure(() => {
      if (broken) throw new Error('down');
      heard.push('erased');
      return erased();
    });
    void crm.run();
    await crm.ready;
    expect(await crm.parked()).toMatchObject([{ following: 'erasures', key: 'ida', reason: 'Error' }]);
    broken = false;
    expect(await crm.retryParked()).toBe(0);
    expect(heard).toEqual(['erased']);
    await crm.close();
  });

  it('says what to do when Kendt has never run', async () => {
    const crm = connect({ system: 'crm', topics: `sqlite:${join(folder, 'none.db')}`, store: fileStore(join(folder, 'memory')) }).onCustomer(() => undefined);
    await expect(crm.run()).rejects.toThrow('Start Kendt first');
    await expect(crm.ready).rejects.toThrow('Start Kendt first');
    await crm.close();
  });
});
