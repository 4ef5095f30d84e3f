import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { Ground } from './apart.ground.js';
import type { Fact } from './scenario.js';

export interface Erp {
  /** A purchase of this customer, reported over Kafka. It waits for a broker that is away. */
  invoice(customer: string): Promise<void>;
  close(): Promise<void>;
}

const triedAgainAfterMs = 200;

export const openErp = async ({ kafka }: Ground, say: (fact: Fact) => void): Promise<Erp> => {
  const producer = new kafkajs.Kafka({ clientId: 'erp', brokers: kafka.addresses.plain, logLevel: kafkajs.logLevel.NOTHING }).producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const send = async (customer: string, purchaseId: string): Promise<void> => {
    const messages = [messageOf(customer, purchaseId)];
    for (;;)
      try {
        return void (await producer.send({ topic: 'kendt.purchases.erp.v1', acks: -1, messages }));
      } catch {
        await sleep(triedAgainAfterMs);
      }
  };
  return {
    invoice: async (customer) => {
      const purchaseId = randomUUID();
      await send(customer, purchaseId);
      say({ is: 'done', what: 'purchase', customer, purchaseId, overKafka: true });
    },
    close: () => producer.disconnect().catch(() => undefined),
  };
};

export const purchaseOf = (purchaseId: string): object => ({
  purchaseId, orderNumber: 'C-1', purchasedAt: new Date().toISOString(), currency: 'DKK', total: 39_900, channel: 'web', lines: [{ sku: 'LAMP-1', name: 'Lamp', quantity: 1, price: 39_900 }],
});

const messageOf = (customerId: string, purchaseId: string): kafkajs.Message => ({
  key: customerId,
  headers: { ce_specversion: '1.0', ce_id: purchaseId, ce_type: 'kendt.purchase.reported.v1', ce_source: 'urn:kendt:system:erp', 'content-type': 'application/json' },
  value: JSON.stringify({ customerId, brandId: 'fjord', ...purchaseOf(purchaseId) }),
});
