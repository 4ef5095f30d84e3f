import { expect, it } from '@jest/globals';
import type { TopicMessage, Topics } from '@kendt/eventsourcing';
import { eventually, type Subject } from './opened.js';
import { consume, message, quiet, text } from './topics.examples.js';

/** Who is told `atOnce` may still hand over one message after the other; what it may never do holds for everybody. */
export const topicSideBySideClauses = (subject: Subject<Topics>, sideBySide: boolean): void => {
  const fill = async (...texts: string[]): Promise<void> => {
    await subject.port.ensure([{ name: 't', cleanup: 'delete', partitions: 1 }]);
    await subject.port.publish(texts.map((one) => message('t', one.replace(/\d+$/, ''), one)));
  };
  const inOrder = (seen: readonly TopicMessage[], key: string): number[] => seen.filter((one) => one.key === key).map((one) => Number(text(one)?.slice(key.length)));

  it('keeps the order of every key when it may hand over several messages at once, also where some fail', async () => {
    const [keys, failed] = [['a', 'b', 'c'], new Set<string>()];
    await fill(...Array.from({ length: 60 }, (_, n) => `${keys[n % 3]}${n}`));
    const inHand = new Set<string>();
    const consuming = consume(subject.port, {
      topics: ['t'], group: 'g', atOnce: 16,
      handle: async (one) => {
        const said = text(one)!;
        if (inHand.has(one.key)) throw new Error(`Two of ${one.key} are in hand`);
        inHand.add(one.key);
        await new Promise((resolve) => setTimeout(resolve, Number(said.slice(1)) % 4));
        inHand.delete(one.key);
        if (Number(said.slice(1)) % 20 === 7 && !failed.has(said)) throw (failed.add(said), new Error('not now'));
      },
    });
    await consuming.until(60);
    await consuming.stop();
    expect(failed.size).toBe(3);
    keys.forEach((key, n) => expect(inOrder(consuming.seen, key)).toEqual(Array.from({ length: 20 }, (_, nth) => nth * 3 + n)));
  });

  it('brings everything again that was in hand when it ended before it was done, and nothing that stood before that', async () => {
    await fill('a0', 'b1', 'c2');
    const first = consume(subject.port, {
      topics: ['t'], group: 'g', atOnce: 16,
      handle: async (one) => {
        if (one.key === 'b') throw new Error('never');
      },
    });
    await first.until(sideBySide ? 2 : 1);
    await quiet();
    await first.stop();
    const second = consume(subject.port, { topics: ['t'], group: 'g', atOnce: 16 });
    await eventually(() => second.texts().includes('b1'), 'what was never handled is there again');
    await quiet();
    await second.stop();
    expect(second.texts()).not.toContain('a0');
  });

  it('has one message in hand at a time unless it is told otherwise', async () => {
    await fill('a0', 'b1', 'c2', 'd3');
    let [inHand, most] = [0, 0];
    const consuming = consume(subject.port, {
      topics: ['t'], group: 'g',
      handle: async () => {
        most = Math.max(most, ++inHand);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inHand--;
      },
    });
    await consuming.until(4);
    await consuming.stop();
    expect(most).toBe(1);
  });

  if (!sideBySide) return;

  it('lets no slow message hold up those of other keys', async () => {
    await fill('slow0', 'a1', 'b2', 'slow3', 'c4');
    const release = Promise.withResolvers<void>();
    const consuming = consume(subject.port, { topics: ['t'], group: 'g', atOnce: 16, handle: async (one) => (text(one) === 'slow0' ? release.promise : undefined) });
    await consuming.until(3);
    await quiet();
    expect([...consuming.texts()].sort()).toEqual(['a1', 'b2', 'c4']);
    expect(await subject.port.lag('g', ['t'])).toEqual([{ topic: 't', messages: 5 }]);
    release.resolve();
    await consuming.until(5);
    await consuming.stop();
    expect(consuming.texts().slice(3)).toEqual(['slow0', 'slow3']);
    expect(await subject.port.lag('g', ['t'])).toEqual([{ topic: 't', messages: 0 }]);
  });
};
