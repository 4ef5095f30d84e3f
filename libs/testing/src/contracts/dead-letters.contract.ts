import { expect, it } from '@jest/globals';
import { deadLetterTopic } from '@kendt/eventsourcing';
import { type ConsumingPorts, consumeShop, dead, lying, notAllowed, said, type Shop, textsIn } from './consuming.examples.js';
import { eventually, type Subject } from './opened.js';

const dlq = deadLetterTopic('in', 'shop');

/** The part of the contract about messages that were given up. */
export const deadLetterClauses = (subject: Subject<ConsumingPorts>): void => {
  const publish = async (...texts: string[]): Promise<void> => {
    await subject.port.topics.ensure([{ name: 'in', cleanup: 'delete' }]);
    await subject.port.topics.publish(said(...texts));
  };
  /** All of these were refused and given up. */
  const giveUp = async (...texts: string[]): Promise<Shop> => {
    await publish(...texts);
    const shop = consumeShop(subject.port);
    for (const one of texts) shop.faults.set(one, notAllowed);
    await eventually(async () => (await lying(subject.port.topics, dlq)).length === texts.length, 'all are dead');
    return shop;
  };

  it('shows dead letters without their content', async () => {
    const shop = await giveUp('ida1', 'bo1');
    await shop.stop();
    const letters = await dead(subject.port).list();
    expect(letters.map(({ topic, group, key, code, content }) => [topic, group, key, code, content])).toEqual([
      ['in', 'shop', 'ida', 'TASK_OF_ANOTHER_SYSTEM', 'kept'], ['in', 'shop', 'bo', 'TASK_OF_ANOTHER_SYSTEM', 'kept'],
    ]);
    expect(JSON.stringify(letters)).not.toContain('ida1');
    expect(await dead(subject.port).list({ key: 'bo', group: 'shop' })).toEqual([letters[1]]);
    expect(await dead(subject.port).list({ at: `${letters[0]!.partition}-${letters[0]!.offset}` })).toEqual([letters[0]]);
  });

  it('sends them again in the order of each key, once, and before anything later of the key', async () => {
    const shop = await giveUp('ida1', 'bo1', 'ida2', 'ida3');
    shop.faults.clear();
    expect(await dead(subject.port).resend()).toBe(4);
    expect(await dead(subject.port).resend()).toBe(0);
    await publish('ida4');
    await shop.until(5);
    await shop.stop();
    expect(shop.handled.filter((one) => one !== 'bo1')).toEqual(['ida1', 'ida2', 'ida3', 'ida4']);
  });

  it('sends one alone again, and gives it up again when nothing was mended', async () => {
    const shop = await giveUp('ida1', 'ida2');
    const [first] = await dead(subject.port).list();
    expect(await dead(subject.port).resend({ at: `${first!.partition}-${first!.offset}` })).toBe(1);
    await eventually(async () => shop.tries.get('ida1') === 2 && (await lying(subject.port.topics, dlq)).length === 2, 'it is dead again');
    await shop.stop();
    expect([shop.handled, shop.tries.get('ida2')]).toEqual([[], 1]);
  });

  it('hold nothing of a customer who was erased, before or after they were given up', async () => {
    const shop = await giveUp('ida1', 'bo1');
    await shop.stop();
    expect(await dead(subject.port).forget('ida', 'shop')).toBe(1);
    expect(await dead(subject.port).forget('ida', 'shop')).toBe(0);
    expect(await dead(subject.port).forget('bo', 'other')).toBe(0);
    await publish('ida2');
    const after = consumeShop(subject.port, { consumer: { personal: true }, isErased: async (customerId) => customerId === 'ida' });
    after.faults.set('ida2', notAllowed);
    await eventually(async () => (await lying(subject.port.topics, dlq)).length === 3, 'it is dead too');
    await after.stop();
    expect((await textsIn(subject.port.topics, dlq)).sort()).toEqual(['', '', 'bo1']);
    expect((await dead(subject.port).list({ key: 'ida' })).map(({ code, content }) => [code, content])).toEqual([['TASK_OF_ANOTHER_SYSTEM', 'erased'], ['TASK_OF_ANOTHER_SYSTEM', 'erased']]);
    expect(await dead(subject.port).resend()).toBe(1);
  });

  it('are not kept for longer than the consumer keeps them', async () => {
    const shop = await giveUp('ida1');
    await shop.stop();
    await dead(subject.port).prune({ group: 'shop', keepDeadMs: 60_000 });
    expect(await lying(subject.port.topics, dlq)).toHaveLength(1);
    await dead(subject.port).prune({ group: 'other', keepDeadMs: -1000 });
    expect(await lying(subject.port.topics, dlq)).toHaveLength(1);
    const next = consumeShop(subject.port, { consumer: { keepDeadMs: -1000 } }); // everything is too old
    await eventually(async () => (await lying(subject.port.topics, dlq)).length === 0, 'nothing lies there');
    await next.stop();
  });
};
