import { describe, expect, it } from '@jest/globals';
import { deadLetterTopic, retryTopic } from '@kendt/eventsourcing';
import { away, type ConsumingPorts, consumeShop, dead, lying, nobody, notAllowed, said, textsIn } from './consuming.examples.js';
import { deadLetterClauses } from './dead-letters.contract.js';
import { eventually, type Open, subjectOf } from './opened.js';
import { message } from './topics.examples.js';

const retry = retryTopic('in', 'shop');
const dlq = deadLetterTopic('in', 'shop');

/** What consuming promises on every topics and views: nothing is lost, and no message overtakes an earlier one of its key. */
export const consumingContract = (name: string, open: Open<ConsumingPorts>): void => {
  describe(`consuming from ${name}`, () => {
    const subject = subjectOf(open);
    const publish = async (...texts: string[]): Promise<void> => {
      await subject.port.topics.ensure([{ name: 'in', cleanup: 'delete' }]);
      await subject.port.topics.publish(said(...texts));
    };

    it('gives a message up at once that is wrong, with the reason and where it stood, and goes on', async () => {
      await publish('ida1', 'ida2');
      const shop = consumeShop(subject.port);
      shop.faults.set('ida1', notAllowed);
      await shop.until(1);
      await shop.stop();
      expect([shop.handled, shop.tries.get('ida1')]).toEqual([['ida2'], 1]);
      const [letter] = await lying(subject.port.topics, dlq);
      expect(Buffer.from(letter!.value!).toString()).toBe('ida1');
      expect(letter!.headers).toMatchObject({
        'kendt-reason': 'TASK_OF_ANOTHER_SYSTEM', 'kendt-topic': 'in', 'kendt-partition': expect.any(String) as unknown, 'kendt-offset': expect.any(String) as unknown, 'kendt-key': 'ida',
        'ce-type': 'kendt.contract.v1',
      });
      expect(letter!.headers['kendt-error']).toBeUndefined();
    });

    it('tries a message again that failed by accident, three times, before anything else is done with it', async () => {
      await publish('ida1', 'bo1');
      const shop = consumeShop(subject.port, { hooks: { retryDelays: [60_000] } });
      shop.faults.set('ida1', new TypeError('about ida'));
      await shop.until(1);
      await shop.stop();
      expect([shop.handled, shop.tries.get('ida1')]).toEqual([['bo1'], 4]);
      expect(await textsIn(subject.port.topics, retry)).toEqual(['ida1']);
    });

    it('lets later messages of the same key wait, and those of others go on', async () => {
      await publish('ida1', 'bo1', 'ida2', 'bo2', 'ida3');
      const shop = consumeShop(subject.port);
      shop.faults.set('ida1', away);
      await shop.until(2);
      await eventually(async () => (await textsIn(subject.port.topics, retry)).length === 3, 'all of ida wait');
      expect(shop.handled).toEqual(['bo1', 'bo2']);
      shop.faults.clear();
      await shop.until(5);
      await publish('ida4');
      await shop.until(6);
      await shop.stop();
      expect(shop.handled).toEqual(['bo1', 'bo2', 'ida1', 'ida2', 'ida3', 'ida4']);
    });

    it('keeps nothing of a message in the retry topic once it is done', async () => {
      await publish('ida1', 'ida2');
      const shop = consumeShop(subject.port);
      shop.faults.set('ida1', away);
      await eventually(async () => (await textsIn(subject.port.topics, retry)).length === 2, 'both wait');
      shop.faults.clear();
      await shop.until(2);
      await eventually(async () => (await textsIn(subject.port.topics, retry)).length === 0, 'nothing waits');
      await shop.stop();
    });

    it('gives up what keeps failing after the last delay, with the class of the error and never its words', async () => {
      await publish('ida1', 'ida2');
      const shop = consumeShop(subject.port);
      shop.faults.set('ida1', new TypeError('about ida'));
      await shop.until(1);
      await shop.stop();
      expect([shop.handled, shop.tries.get('ida1')]).toEqual([['ida2'], 7]);
      const [letter] = await lying(subject.port.topics, dlq);
      expect(letter!.headers).toMatchObject({ 'kendt-reason': 'HANDLING_FAILED', 'kendt-error': 'TypeError' });
      expect(JSON.stringify(letter!.headers)).not.toContain('about ida');
    });

    it('never gives up a message because the house is on fire', async () => {
      await publish('ida1');
      const shop = consumeShop(subject.port);
      shop.faults.set('ida1', away);
      await eventually(() => (shop.tries.get('ida1') ?? 0) > 10, 'more tries than there are delays');
      shop.faults.clear();
      await shop.until(1);
      await shop.stop();
      expect(await lying(subject.port.topics, dlq)).toEqual([]);
    });

    it('gives what may still come a short while, which holds nobody else up', async () => {
      await publish('ida1', 'bo1', 'bo2');
      const shop = consumeShop(subject.port);
      shop.faults.set('ida1', nobody).set('bo1', nobody);
      await eventually(() => shop.tries.size === 2, 'both were tried');
      shop.faults.delete('bo1');
      await shop.until(2);
      await eventually(async () => (await lying(subject.port.topics, dlq)).length === 1, 'the other is given up');
      await shop.stop();
      expect([shop.handled, shop.tries.get('ida1')]).toEqual([['bo1', 'bo2'], 3]);
    });

    it('still knows after a restart who waits', async () => {
      await publish('ida1', 'ida2');
      const before = consumeShop(subject.port, { hooks: { retryDelays: [40] } });
      before.faults.set('ida1', away);
      await eventually(async () => (await textsIn(subject.port.topics, retry)).length === 2, 'both wait');
      await before.stop();
      await publish('ida3', 'bo1');
      const after = consumeShop(subject.port);
      await after.until(4);
      await after.stop();
      expect(after.handled.filter((one) => one !== 'bo1')).toEqual(['ida1', 'ida2', 'ida3']);
    });

    it('finds in the retry topic who waits where the view was lost', async () => {
      await publish('ida1', 'ida2');
      const before = consumeShop(subject.port, { hooks: { retryDelays: [60_000] } });
      before.faults.set('ida1', away);
      await eventually(async () => (await textsIn(subject.port.topics, retry)).length === 2, 'both wait');
      await before.stop();
      for (const view of await subject.port.views.names()) await subject.port.views.drop(view);
      const after = consumeShop(subject.port);
      await after.until(2);
      await after.stop();
      expect(after.handled).toEqual(['ida1', 'ida2']);
    });

    it('keeps the order of every key between two members while some of it fails', async () => {
      const keys = ['ida', 'bo', 'eva'];
      const one = consumeShop(subject.port);
      const two = consumeShop(subject.port, { with: one });
      for (const key of keys) one.faults.set(`${key}3`, away).set(`${key}8`, new Error('by accident'));
      for (let n = 1; n <= 12; n++) await publish(...keys.map((key) => `${key}${n}`));
      await eventually(() => keys.every((key) => (one.tries.get(`${key}3`) ?? 0) > 4), 'each was tried again');
      one.faults.clear();
      await eventually(() => new Set(one.handled).size === 36, 'all of them');
      await Promise.all([one.stop(), two.stop()]);
      for (const key of keys) expect([...new Set(one.handled.filter((said) => said.startsWith(key)))]).toEqual(Array.from({ length: 12 }, (_, n) => `${key}${n + 1}`));
    });

    it('takes no header from outside that only Kendt may write, and copies nothing that is too large', async () => {
      await publish();
      await subject.port.topics.publish([
        { ...message('in', 'ida', 'ida1'), headers: { 'kendt-key': 'bo', 'kendt-reason': 'none', ce_id: '1' } },
        { ...message('in', 'ida', 'x'.repeat(300_000)), headers: { ce_id: '2', more: 'y'.repeat(1000) } },
      ]);
      const shop = consumeShop(subject.port);
      shop.faults.set('ida1', notAllowed);
      await eventually(async () => (await lying(subject.port.topics, dlq)).length === 2, 'both are dead');
      await shop.stop();
      const [forged, large] = await lying(subject.port.topics, dlq);
      expect(forged!.headers).toMatchObject({ 'kendt-key': 'ida', 'kendt-reason': 'TASK_OF_ANOTHER_SYSTEM', ce_id: '1' });
      expect([large!.headers, large!.value!.byteLength, shop.tries.size]).toEqual([expect.objectContaining({ 'kendt-reason': 'MESSAGE_TOO_LARGE', 'kendt-content': 'left-out', ce_id: '2' }), 0, 1]);
      expect(large!.headers['more']).toBeUndefined();
      expect(await dead(subject.port).resend({ reason: 'MESSAGE_TOO_LARGE' })).toBe(0);
    });

    deadLetterClauses(subject);
  });
};
