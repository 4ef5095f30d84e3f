import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CustomerProfile, toMessage, topics } from '@kendt/contracts';
import { connect } from './connector.js';
import type { Connector, ConnectorOptions, ConnectorProblem } from './connector.options.js';
import { erased, failed, notHeld, retained } from './erasure-answer.js';
import { MemoryTransport } from './memory.transport.js';
import { sqlStore } from './sql.store.js';
import type { ConnectorStore } from './store.port.js';

const at = '2026-03-01T09:30:00.000Z';
let ids = 0;
const send = (topic: string, type: string, key: string, data: object | null, id = `event-${++ids}`) =>
  toMessage({ topic, type, key, source: 'urn:kendt:test', id, time: at, data });

const profileOf = (customerId: string, brandId = 'fjord'): CustomerProfile => ({ customerId, brandId, kind: 'full', email: `${customerId}@example.org`, emailVerified: true, language: 'da', consents: [] });
const profile = (customerId: string, id?: string) => send(topics.profiles('fjord'), 'kendt.profile.changed.v1', customerId, profileOf(customerId), id);
const gone = (customerId: string) => send(topics.profiles('fjord'), 'kendt.profile.changed.v1', customerId, null);
const withdrawn = (customerId: string, brandId = 'fjord') =>
  send(topics.consents, 'kendt.consent.withdrawn.v1', customerId, { customerId, at, brandId, purposeId: 'newsletter' });
const task = (customerId: string, systemId = 'crm', id?: string) =>
  send(topics.erasureTasks, 'kendt.erasure.task-issued.v1', customerId, { taskId: `task-${customerId}`, caseId: 'case-1', customerId, systemId, kind: 'erase', issuedAt: at, dueAt: at }, id);

const memoryStore = (values = new Map<string, string>()): ConnectorStore =>
  sqlStore({
    get: (key) => values.get(key),
    put: (key, value) => values.set(key, value),
    remove: (key) => values.delete(key),
    list: (prefix) => [...values].filter(([key]) => key.startsWith(prefix)).sort(),
  });

const running: Connector[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((connector) => connector.close()));
});

const start = async (transport: MemoryTransport, handlers: (connector: Connector) => unknown, options: Partial<ConnectorOptions> = {}): Promise<Connector> => {
  const connector = connect({ system: 'crm', topics: transport, store: memoryStore(), backoffMs: 1, clock: () => new Date(at), onError: () => undefined, ...options });
  handlers(connector);
  running.push(connector);
  void connector.run();
  await connector.ready;
  return connector;
};
const eventually = async (check: () => boolean | Promise<boolean>): Promise<void> => {
  for (let n = 0; n < 400; n++, await sleep(5)) if (await check()) return;
  throw new Error('did not happen');
};

describe('a connector', () => {
  it('tells of customers that changed, and of those who are gone', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    await transport.publish([profile('ida')]);
    await start(transport, (crm) => crm.onCustomer((change) => void heard.push(`${change.kind} ${change.customerId} ${change.brandId}`)));
    expect(heard).toEqual(['changed ida fjord']);
    await transport.publish([gone('ida')]);
    await eventually(() => heard.length === 2);
    expect(heard[1]).toBe('gone ida fjord');
  });

  it('tells of consents of its own brands only', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    await transport.publish([withdrawn('ida', 'lund'), withdrawn('ida')]);
    await start(transport, (crm) => crm.onConsent(({ brandId, state }) => void heard.push(`${state} ${brandId}`)), { brands: ['fjord'] });
    expect(heard).toEqual(['withdrawn fjord']);
  });

  it('hears the same event once, in this run and the next', async () => {
    const transport = new MemoryTransport();
    const values = new Map<string, string>();
    let calls = 0;
    await transport.publish([profile('ida', 'event-x'), profile('ida', 'event-x')]);
    const first = await start(transport, (crm) => crm.onCustomer(() => void calls++), { store: memoryStore(values) });
    await first.close();
    await transport.publish([profile('ida', 'event-x')]);
    await start(transport, (crm) => crm.onCustomer(() => void calls++), { store: memoryStore(values) });
    expect(calls).toBe(1);
  });

  it('remembers ids and never personal data', async () => {
    const transport = new MemoryTransport();
    const values = new Map<string, string>();
    await transport.publish([profile('ida'), profile('bo'), task('ida')]);
    const fails = () => {
      throw new Error('bo@example.org is not a valid address');
    };
    await start(transport, (crm) => crm.onCustomer(({ customerId }) => (customerId === 'bo' ? fails() : undefined)).onErasure(() => erased()), { store: memoryStore(values), tries: 2 });
    expect(values.size).toBeGreaterThan(3);
    expect(JSON.stringify([...values])).not.toContain('@example.org');
  });

  it('reads everything again when asked, but does not bring erased customers back', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    let tasks = 0;
    await transport.publish([profile('ida'), profile('bo'), task('bo')]);
    const crm = await start(transport, (crm) => crm.onCustomer(({ customerId }) => void heard.push(customerId)).onErasure(() => (tasks++, erased())));
    heard.length = 0;
    await crm.reload();
    await eventually(() => heard.length > 0);
    await sleep(20);
    expect([heard, tasks]).toEqual([['ida'], 1]);
  });

  it('waits for no message of a later version', async () => {
    const transport = new MemoryTransport();
    const problems: ConnectorProblem[] = [];
    await transport.publish([send(topics.consents, 'kendt.consent.paused.v2', 'ida', { customerId: 'ida' })]);
    const crm = await start(transport, (crm) => crm.onConsent(() => undefined), { onError: (problem) => problems.push(problem) });
    expect([problems, await crm.parked()]).toEqual([[], []]);
  });

  it('says what it has not handled yet', async () => {
    const transport = new MemoryTransport();
    const crm = await start(transport, (crm) => crm.onCustomer(() => undefined).onConsent(() => undefined));
    expect(await crm.lag()).toEqual({ customers: 0, consents: 0 });
    await crm.close();
    await transport.publish([profile('ida'), withdrawn('ida')]);
    expect(await crm.lag()).toEqual({ customers: 1, consents: 1 });
  });

  it('runs once, and takes handlers before it runs', async () => {
    const crm = await start(new MemoryTransport(), (crm) => crm.onCustomer(() => undefined));
    expect(() => crm.run()).toThrow('runs already');
    expect(() => crm.onErasure(() => erased())).toThrow('before');
  });

  it('stops when its signal says so, though a handler waits for its next try', async () => {
    const transport = new MemoryTransport();
    await transport.publish([profile('ida')]);
    const crm = connect({ system: 'crm', topics: transport, store: memoryStore(), backoffMs: 60_000, onError: () => stop.abort() });
    const stop = new AbortController();
    crm.onCustomer(() => Promise.reject(new Error('down')));
    await crm.run(stop.signal);
    await expect(crm.ready).rejects.toThrow('stopped');
    expect(await transport.lag({ group: 'crm.customers', topics: [topics.profiles('fjord')] })).toBe(1);
  });

  it.each([
    ['kafka://localhost:9092', 'later version'],
    ['redis://x', 'sqlite:<file>, not as redis:'],
    ['/var/topics.db', 'a plain path'],
    ['sqlite:', 'sqlite:<file>'],
  ])('refuses %s with a sentence', (url, sentence) => {
    expect(() => connect({ system: 'crm', topics: url, store: memoryStore() })).toThrow(sentence);
  });
});

describe('a handler that fails', () => {
  it('is tried again, with a pause', async () => {
    const transport = new MemoryTransport();
    const problems: ConnectorProblem[] = [];
    let calls = 0;
    await transport.publish([profile('ida')]);
    const crm = await start(transport, (crm) => crm.onCustomer(() => (++calls < 3 ? Promise.reject(new TypeError('not now')) : undefined)), { onError: (problem) => problems.push(problem) });
    expect(problems).toMatchObject([{ key: 'ida', attempt: 1, reason: 'TypeError' }, { attempt: 2 }]);
    expect([calls, await crm.parked()]).toEqual([3, []]);
  });

  it('parks the message; those of the same customer wait, others go on; then all come in order', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    let broken = true;
    await transport.publish([profile('ida', 'i1'), profile('bo', 'b1'), profile('ida', 'i2')]);
    const handler = ({ customerId }: { customerId: string }, { id }: { id: string }) => {
      if (broken && customerId === 'ida') throw new Error('down');
      heard.push(id);
    };
    const crm = await start(transport, (crm) => crm.onCustomer(handler), { tries: 2 });
    expect(heard).toEqual(['b1']);
    expect(await crm.parked()).toMatchObject([{ key: 'ida', reason: 'Error', offset: '0' }, { key: 'ida', reason: 'WAITS', offset: '2' }]);
    expect(await crm.retryParked()).toBe(2);
    broken = false;
    expect(await crm.retryParked()).toBe(0);
    expect(heard).toEqual(['b1', 'i1', 'i2']);
  });

  it('finds what it parked after a restart', async () => {
    const transport = new MemoryTransport();
    const values = new Map<string, string>();
    await transport.publish([profile('ida')]);
    const first = await start(transport, (crm) => crm.onCustomer(() => Promise.reject(new Error('down'))), { store: memoryStore(values), tries: 1 });
    await first.close();
    const heard: string[] = [];
    await start(transport, (crm) => crm.onCustomer(({ customerId }) => void heard.push(customerId)), { store: memoryStore(values) });
    expect(heard).toEqual(['ida']);
  });

  it('tries what is parked again by itself', async () => {
    const transport = new MemoryTransport();
    let broken = true;
    await transport.publish([profile('ida')]);
    const crm = await start(transport, (crm) => crm.onCustomer(() => (broken ? Promise.reject(new Error('down')) : undefined)), { tries: 1, retryParkedMs: 10 });
    expect(await crm.parked()).toHaveLength(1);
    broken = false;
    await eventually(async () => (await crm.parked()).length === 0);
  });

  it('is not asked about what nobody can read: that is parked alone', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    await transport.publish([{ ...profile('ida'), value: Buffer.from('{') }, profile('ida', 'whole')]);
    const crm = await start(transport, (crm) => crm.onCustomer((_, { id }) => void heard.push(id)));
    expect(heard).toEqual(['whole']);
    expect(await crm.parked()).toMatchObject([{ reason: 'Refusal MESSAGE_NOT_JSON' }]);
  });
});

describe('an erasure task', () => {
  const receipts = (transport: MemoryTransport) => transport.published(topics.erasureReceipts('crm'));
  const kept = { record: 'INV-1', what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', until: '2031-12-31' };

  it.each([
    ['erased', erased(), { outcome: 'erased' }],
    ['retained', retained([kept]), { outcome: 'retained', retained: [kept] }],
    ['failed', failed('The archive is offline'), { outcome: 'failed', reason: 'The archive is offline' }],
    ['not held', notHeld(), { outcome: 'unknown' }],
  ])('is answered with %s', async (_, answer, expected) => {
    const transport = new MemoryTransport();
    await transport.publish([task('ida')]);
    await start(transport, (crm) => crm.onErasure(() => answer));
    expect(receipts(transport)).toEqual([{ taskId: 'task-ida', caseId: 'case-1', customerId: 'ida', at, ...expected }]);
  });

  it('of another system is left alone', async () => {
    const transport = new MemoryTransport();
    await transport.publish([task('ida', 'erp')]);
    await start(transport, (crm) => crm.onErasure(() => erased()));
    expect(receipts(transport)).toEqual([]);
  });

  it('that is answered twice gives a receipt with the same id', async () => {
    const transport = new MemoryTransport();
    await transport.publish([task('ida', 'crm', 'e1'), task('ida', 'crm', 'e2')]);
    await start(transport, (crm) => crm.onErasure(() => erased()));
    const sent = transport.messages.filter(({ topic }) => topic === topics.erasureReceipts('crm'));
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ headers }) => headers['ce_id'])).size).toBe(1);
  });

  it('is not done before its receipt is kept', async () => {
    const transport = new MemoryTransport();
    const publish = transport.publish.bind(transport);
    await publish([task('ida')]);
    let down = true;
    transport.publish = async (messages) => (down ? Promise.reject(new Error('no disk')) : publish(messages));
    let calls = 0;
    const onError = ({ attempt }: ConnectorProblem) => void (down = attempt < 2);
    await start(transport, (crm) => crm.onErasure(() => (calls++, erased())), { onError });
    expect([calls, receipts(transport).length]).toEqual([3, 1]);
  });

  it('that cannot be carried out is answered with failed, without the error, and with erased later', async () => {
    const transport = new MemoryTransport();
    let broken = true;
    await transport.publish([task('ida')]);
    const crm = await start(transport, (crm) => crm.onErasure(() => (broken ? Promise.reject(new Error('ida@example.org is locked')) : erased())), { tries: 2 });
    expect(receipts(transport)).toMatchObject([{ outcome: 'failed' }]);
    expect(JSON.stringify(receipts(transport))).not.toContain('@');
    broken = false;
    await crm.retryParked();
    expect(receipts(transport)).toMatchObject([{ outcome: 'failed' }, { outcome: 'erased' }]);
  });

  it('wins over a profile that comes late', async () => {
    const transport = new MemoryTransport();
    const heard: string[] = [];
    await transport.publish([task('ida')]);
    await start(transport, (crm) => crm.onCustomer((change) => void heard.push(change.kind)).onErasure(() => erased()));
    await transport.publish([profile('ida'), withdrawn('ida'), gone('ida')]);
    await eventually(() => heard.length > 0);
    expect(heard).toEqual(['gone']);
  });

  it('waits for the handler that is busy with the same customer', async () => {
    const transport = new MemoryTransport();
    const order: string[] = [];
    await transport.publish([profile('ida')]);
    const slow = async () => {
      order.push('profile begins');
      await transport.publish([task('ida')]);
      await sleep(30);
      order.push('profile ends');
    };
    await start(transport, (crm) => crm.onCustomer(slow).onErasure(() => (order.push('erased'), erased())));
    await eventually(() => order.length === 3);
    expect(order).toEqual(['profile begins', 'profile ends', 'erased']);
  });
});

describe('a report', () => {
  const purchase = { customerId: 'ida', brandId: 'fjord', purchaseId: 'p1', orderNumber: 'F-1', purchasedAt: at, currency: 'DKK', total: 100, lines: [{ sku: 's', name: 'n', quantity: 1, price: 100 }], channel: 'web' };

  it('goes to the topic of the system that speaks', async () => {
    const transport = new MemoryTransport();
    const erp = connect({ system: 'erp', topics: transport, store: memoryStore(), clock: () => new Date(at) });
    running.push(erp);
    await erp.reportPurchase(purchase);
    await erp.reportPurchase(purchase);
    await erp.reportHolding({ customerId: 'ida', record: 'INV-1', what: 'invoice', basis: 'legal-obligation', until: '2031-12-31' });
    await erp.endHolding({ customerId: 'ida', record: 'INV-1' });
    const sent = transport.messages.map(({ topic, key, headers }) => [topic, key, headers['ce_type']]);
    expect(sent).toEqual([
      ['kendt.purchases.erp.v1', 'ida', 'kendt.purchase.reported.v1'],
      ['kendt.purchases.erp.v1', 'ida', 'kendt.purchase.reported.v1'],
      ['kendt.holdings.erp.v1', 'ida', 'kendt.holding.reported.v1'],
      ['kendt.holdings.erp.v1', 'ida', 'kendt.holding.ended.v1'],
    ]);
    expect(transport.messages[0]?.headers['ce_id']).toBe(transport.messages[1]?.headers['ce_id']);
  });

  it('with a mistake is not sent', async () => {
    const transport = new MemoryTransport();
    const erp = connect({ system: 'erp', topics: transport, store: memoryStore() });
    running.push(erp);
    await expect(erp.reportPurchase({ ...purchase, total: -1 })).rejects.toThrow();
    expect(transport.messages).toEqual([]);
  });
});
