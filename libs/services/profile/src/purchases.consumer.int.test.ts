import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { header, toMessage, topicContracts, topics } from '@kendt/contracts';
import { purchasesStream, system, systemStream } from '@kendt/domain';
import { deadLetterTopic, type OutgoingMessage, readAll, type TopicMessage } from '@kendt/eventsourcing';
import { bo, ida, lamp, nobody, type ProfileTest, startProfile } from './profile.examples.js';
import { purchasesGroup } from './purchases.consumer.js';

interface Wish {
  readonly customerId?: string;
  readonly brandId?: string;
  readonly system?: string;
  readonly source?: string;
  readonly id?: string;
  readonly purchase?: object;
}

describe('purchases from topics', () => {
  let service: ProfileTest;
  beforeAll(async () => (service = await startProfile()));
  afterAll(() => service.close());

  const message = ({ customerId = ida, brandId = 'fjord', system = 'erp', source = `urn:kendt:system:${system}`, id = 'message-1', purchase = {} }: Wish): OutgoingMessage =>
    toMessage({
      topic: topics.purchases(system), key: customerId, type: 'kendt.purchase.reported.v1', source, id, time: lamp.purchasedAt,
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
    ['another system than that of the topic', { source: 'urn:kendt:system:fjord-shop' }, 'SYSTEM_NOT_OF_TOPIC'],
  ])('of %s are dead letters, and others go on', async (name, wish, reason) => {
    const id = name.replaceAll(' ', '-');
    const before = await readAll(service.store, purchasesStream(ida));
    await publish({ ...wish, id, purchase: { purchaseId: 'dead', ...wish.purchase } }, { id: `after-${id}`, purchase: { purchaseId: `after-${id}` } });
    const letter = await deadLetter(id, wish.system);
    expect(letter && ['kendt-key', 'kendt-reason'].map((name) => header(letter, name))).toEqual([wish.customerId ?? ida, reason]);
    const recorded = (await has(ida, before.length + 1)).map(({ data }) => (data as { purchaseId: string }).purchaseId);
    expect(recorded.slice(before.length)).toEqual([`after-${id}`]); // nothing waits behind it
  });

  it('of an erased customer are dead letters too', async () => {
    await service.group.register(bo, { contact: {} });
    await service.group.erase(bo);
    await publish({ customerId: bo, id: 'of-bo' });
    const letter = await deadLetter('of-bo');
    expect(letter && ['kendt-key', 'kendt-reason'].map((name) => header(letter, name))).toEqual([bo, 'CUSTOMER_NOT_FOUND']);
    expect(await readAll(service.store, purchasesStream(bo))).toEqual([]);
  });

  it('are refused, and recorded for whoever audits, where a system says what it may not say', async () => {
    const recorded = (await readAll(service.store, systemStream('erp'))).filter(({ type }) => type === 'SystemMessageRefused');
    expect(recorded.map(({ data }) => data)).toContainEqual(expect.objectContaining({ topic: topics.purchases('erp'), reason: 'SYSTEM_NOT_OF_TOPIC' }));
  });

  it('are counted: given up by reason, tried again, waiting, and not taken yet', async () => {
    const text = await (await fetch(`${service.operatorsUrl}/metrics`)).text();
    const value = (name: string, labels: string): number => Number(text.split('\n').find((line) => line.startsWith(`${name}{${labels}`))?.split(' ').at(-1));
    const topic = topics.purchases('erp');
    expect(value('kendt_consumer_dead_letters_total', `name="${purchasesGroup}",topic="${topic}",reason="SYSTEM_NOT_OF_TOPIC"`)).toBe(1);
    expect(value('kendt_consumer_retried_total', `name="${purchasesGroup}",topic="${topic}"`)).toBeGreaterThan(1); // nobody, and a brand that Ida is not of
    expect(value('kendt_consumer_waiting_keys', `name="${purchasesGroup}"`)).toBe(0);
    expect(value('kendt_consumer_lag_messages', `name="${purchasesGroup}",topic="${topic}"`)).toBe(0);
  });

  it('are taken from a topic that was made while the consumer ran', async () => {
    await service.group.act(system, systemStream('late-shop'), { type: 'RegisterSystem', data: { name: 'Late', brands: ['fjord'] } });
    await service.ports.topics.ensure(topicContracts({ brands: [], systems: ['late-shop'] }));
    const before = (await readAll(service.store, purchasesStream(ida))).length;
    await publish({ system: 'late-shop', id: 'late', purchase: { purchaseId: 'late' } });
    expect(await has(ida, before + 1)).toHaveLength(before + 1);
  });

  /** Everything else that a topic may bring; a line each in docs/topics.md. */
  describe('whatever a topic brings', () => {
    const raw = (change: Partial<OutgoingMessage>, id: string): OutgoingMessage => {
      const usual = message({ id, purchase: { purchaseId: id } });
      return { ...usual, ...change, headers: { ...usual.headers, ...change.headers } };
    };
    it.each<[string, Partial<OutgoingMessage>, string]>([
      ['not JSON', { value: Buffer.from('<purchase/>') }, 'MESSAGE_NOT_JSON'],
      ['a version of the future', { headers: { ce_type: 'kendt.purchase.reported.v2' } }, 'MESSAGE_TYPE_UNKNOWN'],
      ['without a key', { key: '' }, 'MESSAGE_KEY_MISSING'],
      ['under another key', { key: bo }, 'MESSAGE_INVALID'],
      ['a tombstone', { value: null }, 'MESSAGE_TOMBSTONE'],
      ['larger than a message may be', { value: Buffer.from(`{"a":"${'x'.repeat(70_000)}"}`) }, 'MESSAGE_TOO_LARGE'],
      ['larger than Kendt would copy', { value: Buffer.from(`{"a":"${'x'.repeat(300_000)}"}`) }, 'MESSAGE_TOO_LARGE'],
      ['without an id', { headers: { ce_id: '' } }, 'MESSAGE_INVALID'],
    ])('%s: a dead letter', async (name, change, reason) => {
      const place = name.replaceAll(' ', '-');
      await service.ports.topics.publish([raw({ ...change, headers: { ...change.headers, test: place } }, place)]);
      const letter = await found(({ headers }) => headers['kendt-reason'] === reason && (headers['test'] === place || headers['ce_id'] === place));
      expect(letter).toBeDefined();
    });

    const found = async (wanted: (letter: TopicMessage) => boolean): Promise<TopicMessage | undefined> => {
      for (const deadline = Date.now() + 3000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 5)))
        for await (const letter of service.ports.topics.read(deadLetterTopic(topics.purchases('erp'), purchasesGroup))) if (wanted(letter)) return letter;
      return undefined;
    };

    it('late or in another order: taken, each by its own id', async () => {
      const before = (await readAll(service.store, purchasesStream(ida))).length;
      await publish(
        { id: 'second', purchase: { purchaseId: 'second', purchasedAt: '2026-03-02T09:30:00.000Z' } },
        { id: 'first', purchase: { purchaseId: 'first', purchasedAt: '2020-01-01T09:30:00.000Z' } },
      );
      expect((await has(ida, before + 2)).slice(before).map(({ data }) => (data as { purchaseId: string }).purchaseId)).toEqual(['second', 'first']);
    });
  });
});
