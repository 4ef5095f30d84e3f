import { describe, expect, it } from '@jest/globals';
import { toMessage, topics } from '@kendt/contracts';
import type { ListedSystem } from '@kendt/nest';
import { purchaseCommand } from './purchases.consumer.js';

const shop: ListedSystem = { id: 'erp', status: 'registered', description: { name: 'ERP', brands: ['fjord'] }, declarations: [], rules: [] };
const directory = { system: (id: string) => ({ ...shop, id }) };
const data = {
  customerId: 'ida', brandId: 'fjord', purchaseId: 'purchase-1', orderNumber: 'F-1001', purchasedAt: '2026-03-01T09:30:00.000Z', currency: 'DKK', total: 1, channel: 'till',
  lines: [{ sku: 'LAMP-1', name: 'Lampe', quantity: 1, price: 1 }],
};

const command = ({ id = 'message-1', source = 'urn:shop', system = 'erp', offset = '1' } = {}) =>
  purchaseCommand(directory, {
    ...toMessage({ topic: topics.purchases(system), key: 'ida', type: 'kendt.purchase.reported.v1', source, id, time: data.purchasedAt, data }),
    partition: 0, offset, timestamp: data.purchasedAt,
  });

describe('the command of a reported purchase', () => {
  it('is the same when the message comes again, wherever it stands', () => {
    expect(command({ offset: '7' })).toEqual(command());
  });

  it('is another for another message, source or system', () => {
    const ids = [command(), command({ id: 'message-2' }), command({ source: 'urn:other' }), command({ system: 'crm' })].map(({ context }) => context.commandId);
    expect(new Set(ids).size).toBe(4);
  });

  it('is of the system that owns the topic', () => {
    expect(command({ system: 'crm' })).toMatchObject({ source: 'crm', brandId: 'fjord', context: { actor: { kind: 'system', id: 'crm' }, channel: 'till', brand: 'fjord' } });
  });
});
