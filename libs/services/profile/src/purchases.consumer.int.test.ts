import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deadLetterTopic, header, toMessage, topics } from '@kendt/contracts';
import { purchasesStream } from '@kendt/domain';
import { type OutgoingMessage, readAll } from '@kendt/eventsourcing';
import { bo, ida, lamp, nobody, type ProfileTest, startProfile } from './profile.examples.js';
import { purchasesGroup } from './purchases.consumer.js';

interface Wish {
  readonly customerId?: string;
  readonly brandId?: string;
  readonly system?: string;
  readonly id?: string;
  readonly purchase?: object;
}

describe('purchases from topics', () => {
  let service: ProfileTest;
  beforeAll(async () => (service = await startProfile()));
  afterAll(() => service.close());

  const message = ({ customerId = ida, brandId = 'fjord', system = 'erp', id = 'message-1', purchase = {} }: Wish): OutgoingMessage =>
    toMessage({
      topic: topics.purchases(system), key: customerId, type: 'kendt.purchase.reported.v1', source: `urn:kendt:system:${system}`, id, time: lamp.purchasedAt,
      data: { ...lamp, customerId, brandId, ...purchase },
    });
  const publish = (...wishes: Wish[]) => service.ports.topics.publish(wishes.map(message));
  const deadLetter = (id: string, system = 'erp') => service.message(deadLetterTopic(topics.purchases(system), purchasesGroup), id);
  const has = async (customerId: string, count: number) => {
    const deadline = Date.now() + 3000;
    for (;;) {
      const events = await readAll(service.store, purchasesStream(customerId));
      if (events.length >= count || Date.now() > deadline) return events;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it('are recorded with the system that the topic belongs to', async () => {
    await publish({});
    const [event] = await has(ida, 1);
    expect(event).toMatchObject({
      data: { purchaseId: 'purchase-1', brandId: 'fjord', source: 'erp', channel: 'web' },
      personal: { purchases: { orderNumber: 'F-1001', lines: lamp.lines } },
      metadata: { actorKind: 'system', actorId: 'erp', channel: 'web', brand: 'fjord' },
    });
  });

  it('are recorded once, whether the message or only the purchase comes again', async () => {
    await publish({}, { id: 'message-1b' }, { id: 'message-2', purchase: { purchaseId: 'purchase-2' } });
    expect((await has(ida, 2)).map(({ data }) => (data as { purchaseId: string }).purchaseId)).toEqual(['purchase-1', 'purchase-2']);
  });

  it.each<[string, Wish, string]>([
    ['nobody', { customerId: nobody }, 'CUSTOMER_NOT_FOUND'],
    ['a brand that the customer is not of', { brandId: 'lund' }, 'CUSTOMER_NOT_FOUND'],
    ['a brand that the system does not serve', { brandId: 'lund', system: 'fjord-shop' }, 'BRAND_NOT_OF_SYSTEM'],
    ['a system that is not registered', { system: 'unknown-shop' }, 'SYSTEM_NOT_FOUND'],
    ['an unknown field', { system: 'erp', purchase: { colour: 'red' } }, 'MESSAGE_INVALID'],
  ])('of %s are dead letters at once', async (name, wish, reason) => {
    const id = name.replaceAll(' ', '-');
    const before = await readAll(service.store, purchasesStream(ida));
    await publish({ ...wish, id, purchase: { purchaseId: 'dead', ...wish.purchase } }, { id: `after-${id}`, purchase: { purchaseId: `after-${id}` } });
    const letter = await deadLetter(id, wish.system);
    expect([letter?.key, letter && header(letter, 'kendt-reason')]).toEqual([wish.customerId ?? ida, reason]);
    const recorded = (await has(ida, before.length + 1)).map(({ data }) => (data as { purchaseId: string }).purchaseId);
    expect(recorded.slice(before.length)).toEqual([`after-${id}`]); // nothing waits behind it
  });

  it('of an erased customer are dead letters too', async () => {
    await service.group.register(bo, { contact: {} });
    await service.group.erase(bo);
    await publish({ customerId: bo, id: 'of-bo' });
    const letter = await deadLetter('of-bo');
    expect([letter?.key, letter && header(letter, 'kendt-reason')]).toEqual([bo, 'CUSTOMER_NOT_FOUND']);
    expect(await readAll(service.store, purchasesStream(bo))).toEqual([]);
  });
});
