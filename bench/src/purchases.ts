import { topics, toMessage } from '@kendt/contracts';
import { type OutgoingMessage, randomId } from '@kendt/eventsourcing';

const at = '2026-03-01T09:30:00.000Z';

/** As a till would report it: three things. */
export const purchaseOf = (system: string, customerId: string): OutgoingMessage => {
  const id = randomId();
  const lines = ['LAMP-1', 'BULB-E27', 'CABLE-2M'].map((sku, n) => ({ sku, name: `Article ${sku}`, quantity: n + 1, price: 12_900 }));
  return toMessage({
    topic: topics.purchases(system), key: customerId, type: 'kendt.purchase.reported.v1', source: `urn:kendt:system:${system}`, id, time: at,
    data: { customerId, brandId: 'fjord', purchaseId: id, orderNumber: `F-${id.slice(-8)}`, purchasedAt: at, currency: 'DKK', total: 77_400, channel: 'till', lines },
  });
};
