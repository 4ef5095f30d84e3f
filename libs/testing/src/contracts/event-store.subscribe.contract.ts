import { describe, expect, it } from '@jest/globals';
import type { EventBatch, EventStore } from '@kendt/eventsourcing';
import { event, eventsAfter, headOf, listen, many, say, words } from './event-store.examples.js';
import { eventually, type Subject } from './opened.js';

export const subscribeClauses = (subject: Subject<EventStore>, durable: boolean): void => {
  describe('subscribe', () => {
    it('says at once that it is caught up when there is nothing', async () => {
      const start = await headOf(subject.port);
      const listening = listen(subject.port, start);
      await listening.until(0);
      await listening.stop();
      expect(listening.batches).toEqual([{ events: [], position: start, caughtUp: true }]);
    });

    it('goes from history into live: every event once, in order, with no gap', async () => {
      const start = await headOf(subject.port);
      for (let n = 0; n < 4; n++) await subject.port.append([{ stream: `word-${n}`, expected: 'none', events: many(300, `h${n}-`) }]);
      const listening = listen(subject.port, start);
      const live = Array.from({ length: 200 }, (_, n) => say(subject.port, `word-${n % 7}`, `live${n}`));
      await Promise.all(live);
      await listening.until(1400);
      await listening.stop();
      expect(listening.words()).toHaveLength(1400);
      expect(new Set(listening.words()).size).toBe(1400);
      const positions = listening.batches.flatMap(({ events }) => events.map(({ position }) => position));
      expect(positions).toEqual([...positions].sort());
    });

    it('gives what was appended together one after the other, in the order that was asked for', async () => {
      const start = await headOf(subject.port);
      await subject.port.append([
        { stream: 'word-b', expected: 'none', events: [event('1'), event('2')] },
        { stream: 'word-a', expected: 'none', events: [event('3')] },
      ]);
      const listening = listen(subject.port, start);
      await listening.until(3);
      await listening.stop();
      expect(listening.words()).toEqual(['1', '2', '3']);
    });

    it('starts after the position that it is given, and resumes without loss or repetition', async () => {
      const start = await headOf(subject.port);
      await say(subject.port, 'word-a', '1', '2', '3');
      const first = listen(subject.port, start);
      await first.until(3);
      await first.stop();
      const after = first.batches.flatMap(({ events }) => events)[1]!.position;
      await say(subject.port, 'word-a', '4');
      const second = listen(subject.port, after);
      await second.until(2);
      await say(subject.port, 'word-a', '5');
      await second.until(3);
      await second.stop();
      expect(second.words()).toEqual(['3', '4', '5']);
    });

    it('gives only the categories asked for, and its position moves past the others', async () => {
      const start = await headOf(subject.port);
      await say(subject.port, 'word-a', 'w1');
      await say(subject.port, 'words-a', 'other');
      await say(subject.port, 'claim-a', 'c1');
      const listening = listen(subject.port, start, ['word', 'claim', 'never']);
      await listening.until(2);
      const { position } = await subject.port.append([{ stream: 'login-a', expected: 'none', events: many(700, 'l').slice(0, 500) }]);
      await eventually(() => (listening.batches.at(-1)?.position ?? '') >= position, 'the position passes what is filtered out');
      await say(subject.port, 'word-a', 'w2');
      await listening.until(3);
      await listening.stop();
      expect(listening.words()).toEqual(['w1', 'c1', 'w2']);
    });

    it('finds one event behind a long history of others', async () => {
      const start = await headOf(subject.port);
      for (let n = 0; n < 4; n++) await subject.port.append([{ stream: 'login-a', expected: 'any', events: many(500, `l${n}-`) }]);
      await say(subject.port, 'word-a', 'needle');
      for (let n = 4; n < 7; n++) await subject.port.append([{ stream: 'login-a', expected: 'any', events: many(500, `l${n}-`) }]);
      const { position } = await subject.port.append([{ stream: 'login-b', expected: 'none', events: [event('last')] }]);
      const listening = listen(subject.port, start, ['word']);
      await eventually(() => listening.batches.at(-1)?.position === position, 'the end is reached');
      await listening.stop();
      expect(listening.words()).toEqual(['needle']);
      expect(listening.batches.at(-1)?.caughtUp).toBe(true);
    });

    it('never calls itself caught up while there is more behind', async () => {
      const start = await headOf(subject.port);
      for (let n = 0; n < 3; n++) await subject.port.append([{ stream: 'word-a', expected: 'any', events: many(500, `h${n}-`) }]);
      const listening = listen(subject.port, start);
      await listening.until(1500);
      await listening.stop();
      const firstCaughtUp = listening.batches.findIndex(({ caughtUp }) => caughtUp);
      expect(listening.batches.slice(0, firstCaughtUp + 1).flatMap(({ events }) => events)).toHaveLength(1500);
    });

    it('hands out at most 500 at a time, and holds nothing for a slow reader', async () => {
      const start = await headOf(subject.port);
      const abort = new AbortController();
      const slow = subject.port.subscribe({ after: start, categories: [], signal: abort.signal })[Symbol.asyncIterator]();
      for (let n = 0; n < 3; n++) await subject.port.append([{ stream: 'word-a', expected: 'any', events: many(500, `h${n}-`) }]);
      const next = async (): Promise<EventBatch> => (await slow.next()).value as EventBatch;
      const seen: unknown[] = [];
      for (let round = 3; seen.length < 3000; round++) {
        const { events } = await next();
        expect(events.length).toBeLessThanOrEqual(500);
        seen.push(...words([...events]));
        if (round < 6) await subject.port.append([{ stream: 'word-a', expected: 'any', events: many(500, `h${round}-`) }]);
      }
      expect(new Set(seen).size).toBe(3000);
      abort.abort();
      expect((await slow.next()).done).toBe(true);
    });

    it('stops at once when it is told to: while waiting, between batches and before it began', async () => {
      const start = await headOf(subject.port);
      await say(subject.port, 'word-a', '1');
      const waiting = listen(subject.port, start);
      await waiting.until(1);
      const asked = Date.now();
      await waiting.stop();
      expect(Date.now() - asked).toBeLessThan(500);

      const abort = new AbortController();
      for (let n = 0; n < 3; n++) await subject.port.append([{ stream: 'word-a', expected: 'any', events: many(500, `h${n}-`) }]);
      let batches = 0;
      for await (const batch of subject.port.subscribe({ after: start, categories: [], signal: abort.signal })) {
        batches += batch.events.length > 0 ? 1 : 0;
        abort.abort();
      }
      expect(batches).toBe(1);

      for await (const batch of subject.port.subscribe({ after: start, categories: [], signal: AbortSignal.abort() })) throw new Error(`Came ${batch.position}`);
    });

    it('serves many subscribers, each at its own pace', async () => {
      const start = await headOf(subject.port);
      const listening = Array.from({ length: 15 }, () => listen(subject.port, start));
      await Promise.all(Array.from({ length: 30 }, (_, n) => say(subject.port, `word-${n}`, `m${n}`)));
      for (const one of listening) await one.until(30);
      for (const one of listening) await one.stop();
      expect(new Set(listening.map((one) => JSON.stringify(one.words()))).size).toBe(1);
    });

    it('resumes at every position that it ever gave, of an event or of a batch', async () => {
      const start = await headOf(subject.port);
      for (let n = 0; n < 12; n++) await say(subject.port, n % 3 === 0 ? 'claim-a' : `word-${n % 2}`, ...many((n % 4) + 1).map((_, m) => `r${n}-${m}`));
      for (const categories of [[], ['word']]) {
        const listening = listen(subject.port, start, categories);
        await listening.until(categories.length === 0 ? 30 : 20);
        await listening.stop();
        const seen = listening.batches.flatMap(({ events }) => events);
        const positions = [...seen, ...listening.batches].map(({ position }) => position);
        for (const after of new Set([start, ...positions]))
          expect(await eventsAfter(subject.port, after, categories)).toEqual(seen.filter(({ position }) => position > after));
      }
    });

    it('never shows an event before one that it has shown: positions rise, and no hole is filled afterwards', async () => {
      const start = await headOf(subject.port);
      const ports = durable ? [subject.port, await subject.another(), await subject.another()] : [subject.port];
      const listening = ports.map((port) => listen(port, start));
      await Promise.all(Array.from({ length: 120 }, (_, n) => say(ports[n % ports.length]!, `word-${n % 11}`, ...many((n % 3) + 1).map((_, m) => `h${n}-${m}`))));
      for (const one of listening) await one.until(240);
      for (const one of listening) await one.stop();
      const whole = await eventsAfter(subject.port, start);
      expect(whole.map(({ position }) => position)).toEqual([...new Set(whole.map(({ position }) => position))].sort());
      for (const { batches } of listening) expect(batches.flatMap(({ events }) => events)).toEqual(whole);
    });

    it('keeps the pace of whoever reads: what was not asked for is not read ahead', async () => {
      const start = await headOf(subject.port);
      const abort = new AbortController();
      for (let n = 0; n < 3; n++) await subject.port.append([{ stream: 'word-a', expected: 'any', events: many(500, `p${n}-`) }]);
      const slow = subject.port.subscribe({ after: start, categories: [], signal: abort.signal })[Symbol.asyncIterator]();
      const first = (await slow.next()).value as EventBatch;
      const { position } = await say(subject.port, 'word-b', 'while it thought');
      const rest: EventBatch[] = [];
      while (rest.at(-1)?.position !== position) rest.push((await slow.next()).value as EventBatch);
      abort.abort();
      expect(first.caughtUp).toBe(false);
      expect([first, ...rest].flatMap(({ events }) => events)).toHaveLength(1501);
      expect(Math.max(...[first, ...rest].map(({ events }) => events.length))).toBeLessThanOrEqual(500);
    });

    if (durable) {
      it('resumes after a restart', async () => {
        const start = await headOf(subject.port);
        await say(subject.port, 'word-a', '1', '2');
        const first = listen(subject.port, start);
        await first.until(2);
        await first.stop();
        const reopened = await subject.reopen();
        await say(reopened, 'word-a', '3');
        const second = listen(reopened, first.batches.at(-1)!.position);
        await second.until(1);
        await second.stop();
        expect(second.words()).toEqual(['3']);
      });

      it('hears within a moment what another process appends', async () => {
        const start = await headOf(subject.port);
        const another = await subject.another();
        const listening = listen(subject.port, start);
        await listening.until(0);
        await say(another, 'word-a', 'from elsewhere');
        const said = Date.now();
        await listening.until(1);
        expect(Date.now() - said).toBeLessThan(500);
        await listening.stop();
      });
    }
  });
};
