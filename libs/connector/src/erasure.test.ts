import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@kendt/contracts';
import { connect } from './connector.js';
import { at, closeAll, eventually, gone, memoryStore, profile, start, task, toClose, withdrawn } from './connector.examples.js';
import type { ConnectorProblem } from './connector.options.js';
import { erased, failed, notHeld, retained } from './erasure-answer.js';
import { MemoryTransport } from './memory.transport.js';

afterEach(closeAll);

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
    const sent = transport.messages.filter(({ topic }) => topic === topics.erasureReceipts('crm'));
    expect(new Set(sent.map(({ headers }) => headers['ce_id'])).size).toBe(2); // or a reader would drop the second
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
    const erp = toClose(connect({ system: 'erp', topics: transport, store: memoryStore(), clock: () => new Date(at) }));
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
    const erp = toClose(connect({ system: 'erp', topics: transport, store: memoryStore() }));
    await expect(erp.reportPurchase({ ...purchase, total: -1 })).rejects.toThrow();
    expect(transport.messages).toEqual([]);
  });
});
