import { describe, expect, it } from '@jest/globals';
import type { Topics } from '@kendt/eventsourcing';
import { type ContractOptions, eventually, type Open, rejection, subjectOf } from './opened.js';
import { type Consuming, consume, message, quiet, text } from './topics.examples.js';
import { topicGroupClauses } from './topics.groups.contract.js';
import { topicReadingClauses } from './topics.reading.contract.js';
import { topicSettingsClauses } from './topics.settings.contract.js';
import { topicSideBySideClauses } from './topics.side-by-side.contract.js';

/** What every implementation of topics promises. */
export const topicsContract = (name: string, open: Open<Topics>, { durable = false, brokerFiles = false, sideBySide = false }: ContractOptions = {}): void => {
  describe(`${name} as Topics`, () => {
    const subject = subjectOf(open);
    const events = (...names: string[]): Promise<void> => subject.port.ensure(names.map((topic) => ({ name: topic, cleanup: 'delete' })));
    const publish = (topic: string, key: string, ...texts: string[]): Promise<void> => subject.port.publish(texts.map((one) => message(topic, key, one)));

    it('hands over a message with everything that was published, and where it stands', async () => {
      await events('t');
      const bytes = Uint8Array.from([0, 255, 10, 195]);
      await subject.port.publish([{ topic: 't', key: 'ida', value: bytes, headers: { a: '1', b: 'æ' } }]);
      const consuming = consume(subject.port, { topics: ['t'], group: 'g' });
      await consuming.until(1);
      await consuming.stop();
      const [got] = consuming.seen;
      expect(got).toMatchObject({ topic: 't', key: 'ida', headers: { a: '1', b: 'æ' } });
      expect([...got!.value!]).toEqual([...bytes]);
      expect(typeof got!.partition).toBe('number');
      expect(typeof got!.offset).toBe('string');
      expect(Math.abs(Date.parse(got!.timestamp) - Date.now())).toBeLessThan(60_000);
    });

    it('keeps the order of every key, from history into live', async () => {
      await events('t');
      for (let n = 0; n < 60; n++) await publish('t', `key${n % 3}`, `${n}`);
      const consuming = consume(subject.port, { topics: ['t'], group: 'g' });
      for (let n = 60; n < 120; n++) await publish('t', `key${n % 3}`, `${n}`);
      await consuming.until(120);
      await consuming.stop();
      for (const rest of [0, 1, 2]) {
        const numbers = consuming.seen.filter(({ key }) => key === `key${rest}`).map((one) => Number(text(one)));
        expect(numbers).toEqual(Array.from({ length: 40 }, (_, n) => n * 3 + rest));
      }
    });

    it('goes on, in the same group, after the last message that was handled', async () => {
      await events('t');
      await publish('t', 'k', '1', '2');
      const first = consume(subject.port, { topics: ['t'], group: 'g' });
      await first.until(2);
      await first.stop();
      await publish('t', 'k', '3');
      const second = consume(subject.port, { topics: ['t'], group: 'g' });
      await second.until(1);
      await quiet();
      await second.stop();
      expect(second.texts()).toEqual(['3']);
    });

    it('brings a message again when it was not handled, and skips and reorders nothing of its key', async () => {
      await events('t');
      await publish('t', 'k', '1', '2', '3');
      const tried: (string | null)[] = [];
      const consuming = consume(subject.port, {
        topics: ['t'],
        group: 'g',
        handle: async (one) => {
          tried.push(text(one));
          if (text(one) === '2' && tried.length < 4) throw new Error('not now');
        },
      });
      await consuming.until(3);
      await consuming.stop();
      expect(tried).toEqual(['1', '2', '2', '2', '3']);
      expect(consuming.texts()).toEqual(['1', '2', '3']);
    });

    it('lets no later message of a key overtake one that failed, however long others take meanwhile', async () => {
      await events('t');
      await subject.port.publish([message('t', 'a', 'a1'), message('t', 'b', 'b1'), message('t', 'a', 'a2')]);
      const tried: (string | null)[] = [];
      const consuming = consume(subject.port, {
        topics: ['t'],
        group: 'g',
        handle: async (one) => {
          tried.push(text(one));
          if (one.key === 'b') await quiet(); // longer than the wait before the next try
          if (text(one) === 'a1' && tried.filter((each) => each === 'a1').length === 1) throw new Error('not now');
        },
      });
      await consuming.until(3);
      await consuming.stop();
      expect(tried.filter((one) => one?.startsWith('a'))).toEqual(['a1', 'a1', 'a2']);
    });

    topicSideBySideClauses(subject, sideBySide);

    it('has not committed what was never handled', async () => {
      await events('t');
      await publish('t', 'k', '1', '2');
      let tries = 0;
      const first = consume(subject.port, {
        topics: ['t'],
        group: 'g',
        handle: async (one) => {
          if (text(one) === '2' && ++tries > 0) throw new Error('never');
        },
      });
      await eventually(() => tries > 0, 'the second was tried');
      await first.stop();
      const second = consume(subject.port, { topics: ['t'], group: 'g' });
      await second.until(1);
      await second.stop();
      expect(second.texts()).toEqual(['2']);
    });

    it('finishes the message in hand when it is told to stop, and commits it', async () => {
      await events('t');
      await publish('t', 'k', '1', '2', '3');
      let release = (): void => undefined;
      let started = false;
      const consuming = consume(subject.port, {
        topics: ['t'],
        group: 'g',
        handle: () => ((started = true), new Promise((resolve) => (release = resolve))),
      });
      await eventually(() => started, 'the first is in hand');
      const stopped = consuming.stop();
      await quiet();
      expect(consuming.texts()).toEqual([]);
      release();
      await stopped;
      expect(consuming.texts()).toEqual(['1']);
      const next = consume(subject.port, { topics: ['t'], group: 'g' });
      await next.until(2);
      await next.stop();
      expect(next.texts()).toEqual(['2', '3']);
    });

    it('replays everything to a new group, and keeps groups apart', async () => {
      await events('t');
      await publish('t', 'k', '1', '2');
      const one = consume(subject.port, { topics: ['t'], group: 'one' });
      await one.until(2);
      const two = consume(subject.port, { topics: ['t'], group: 'two' });
      await two.until(2);
      await publish('t', 'k', '3');
      await Promise.all([one.until(3), two.until(3)]);
      await Promise.all([one.stop(), two.stop()]);
      expect([one.texts(), two.texts()]).toEqual([['1', '2', '3'], ['1', '2', '3']]);
    });

    it('starts a new group at the end if asked, and one that has committed where it was', async () => {
      await events('t');
      await publish('t', 'k', 'old');
      const first = consume(subject.port, { topics: ['t'], group: 'g', from: 'end' });
      await first.control;
      await publish('t', 'k', 'new');
      await first.until(1);
      await first.stop();
      await publish('t', 'k', 'meanwhile');
      const second = consume(subject.port, { topics: ['t'], group: 'g', from: 'end' });
      await second.until(1);
      await second.stop();
      expect([...first.texts(), ...second.texts()]).toEqual(['new', 'meanwhile']);
    });

    it('takes topics by a pattern, also one that is made later, and no others', async () => {
      await events('in.a.v1', 'other.v1');
      const consuming = consume(subject.port, { topics: /^in\..+\.v1$/, group: 'g' });
      await publish('in.a.v1', 'k', 'a');
      await consuming.until(1);
      await events('in.b.v1');
      await publish('other.v1', 'k', 'no');
      await publish('in.b.v1', 'k', 'b');
      await consuming.until(2);
      await quiet();
      await consuming.stop();
      expect(consuming.texts()).toEqual(['a', 'b']);
    });

    it('takes a topic by name that is made after the consumer', async () => {
      const consuming = consume(subject.port, { topics: ['late'], group: 'g' });
      await quiet();
      await events('late');
      await publish('late', 'k', '1');
      await consuming.until(1);
      await consuming.stop();
    });

    it('shares a group between two members: nothing twice, and in order per key', async () => {
      await events('t');
      const seen: string[] = [];
      const member = (): Consuming =>
        consume(subject.port, {
          topics: ['t'],
          group: 'g',
          handle: async (one) => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            seen.push(`${one.key}:${text(one)}`);
          },
        });
      const [one, two] = [member(), member()];
      for (let n = 0; n < 60; n++) await publish('t', `k${n % 2}`, `${n}`);
      await eventually(() => seen.length >= 60, 'all of them');
      await one.stop();
      await publish('t', 'k0', '60');
      await eventually(() => seen.length >= 61, 'the other goes on');
      await quiet();
      await two.stop();
      expect(seen).toHaveLength(61);
      const numbers = seen.filter((entry) => entry.startsWith('k0:')).map((entry) => Number(entry.slice(3)));
      expect(numbers).toEqual(Array.from({ length: 31 }, (_, n) => n * 2));
    });

    topicReadingClauses(subject);
    topicGroupClauses(subject);
    topicSettingsClauses(subject, brokerFiles);

    if (durable) {
      it('still has messages, offsets and settings after a restart', async () => {
        await events('t');
        await publish('t', 'k', '1', '2');
        const first = consume(subject.port, { topics: ['t'], group: 'g' });
        await first.until(2);
        await first.stop();
        await publish('t', 'k', '3');
        const reopened = await subject.reopen();
        const second = consume(reopened, { topics: ['t'], group: 'g' });
        const replay = consume(reopened, { topics: ['t'], group: 'new' });
        await Promise.all([second.until(1), replay.until(3)]);
        await Promise.all([second.stop(), replay.stop()]);
        expect(second.texts()).toEqual(['3']);
        expect(replay.texts()).toEqual(['1', '2', '3']);
        expect(await rejection(reopened.ensure([{ name: 't', cleanup: 'compact' }]))).toBeInstanceOf(Error);
      });

      it('hears within a moment what another process publishes, and shares a group with it', async () => {
        await events('t');
        const another = await subject.another();
        const here = consume(subject.port, { topics: ['t'], group: 'g' });
        const there = consume(another, { topics: ['t'], group: 'g' });
        const all = consume(subject.port, { topics: ['t'], group: 'all' });
        for (let n = 0; n < 40; n++) await another.publish([message('t', `k${n % 2}`, `${n}`)]);
        await all.until(40);
        await eventually(() => here.seen.length + there.seen.length >= 40, 'the group has all of them');
        await quiet();
        await Promise.all([here.stop(), there.stop(), all.stop()]);
        expect(new Set([...here.texts(), ...there.texts()]).size).toBe(40);
        expect(here.seen.length + there.seen.length).toBe(40);
      });
    }
  });
};
