import { describe, expect, it } from '@jest/globals';
import { type EventStore, readAll, type StreamAppend } from '@kendt/eventsourcing';
import { event, eventsAfter, headOf, words, wordsOf } from './event-store.examples.js';
import { rejection, type Subject } from './opened.js';

const both: readonly StreamAppend[] = [
  { stream: 'word-a', expected: 'none', events: [event('a0'), event('a1')] },
  { stream: 'claim-b', expected: 'none', events: [event('b0')] },
];

export const idempotenceClauses = (subject: Subject<EventStore>, durable: boolean): void => {
  describe('the same event ids again', () => {
    const reused = { name: 'Refusal', code: 'EVENT_ID_REUSED' };

    it('give the original answer and append nothing, though the streams have moved on', async () => {
      const first = await subject.port.append(both);
      await subject.port.append([{ stream: 'word-a', expected: 1, events: [event('a2')] }]);
      expect(await subject.port.append(both)).toEqual(first);
      expect(await wordsOf(subject.port, 'word-a')).toEqual(['a0', 'a1', 'a2']);
      expect(await wordsOf(subject.port, 'claim-b')).toEqual(['b0']);
    });

    it('give the original answer to callers at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => subject.port.append(both)));
      expect(new Set(answers.map(({ position }) => position)).size).toBe(1);
      expect(await wordsOf(subject.port, 'word-a')).toEqual(['a0', 'a1']);
    });

    it('give the original answer when only some of them came before: the command was decided then', async () => {
      const first = await subject.port.append([{ stream: 'word-a', expected: 'none', events: [event('a0')] }]);
      const mixed: StreamAppend[] = [{ stream: 'word-a', expected: 'none', events: [event('a0'), event('new')] }];
      expect(await subject.port.append(mixed)).toEqual(first);
      expect(await subject.port.append([{ stream: 'word-z', expected: 'none', events: [event('z')] }, ...mixed])).toEqual(first);
      expect(await wordsOf(subject.port, 'word-a')).toEqual(['a0']);
      expect(await wordsOf(subject.port, 'word-z')).toEqual([]);
    });

    it('give the original answer to whoever did not hear the first one, and to the next one too', async () => {
      const lost = subject.port.append(both).then(
        () => undefined,
        () => undefined,
      );
      const again = await subject.port.append(both);
      await lost;
      expect(await subject.port.append(both)).toEqual(again);
      expect(await wordsOf(subject.port, 'word-a')).toEqual(['a0', 'a1']);
    });

    it('are refused as a whole when only one of them has other content, and nothing new is written', async () => {
      await subject.port.append(both);
      const [first, second] = [event('a0'), event('a1', { data: { word: 'other' } })];
      const append = subject.port.append([{ stream: 'word-new', expected: 'none', events: [event('new')] }, { stream: 'word-a', expected: 'none', events: [first, second] }]);
      expect(await rejection(append)).toMatchObject(reused);
      expect(await wordsOf(subject.port, 'word-new')).toEqual([]);
    });

    it('count for more than the expected revision, which a retry cannot meet any more', async () => {
      const first = await subject.port.append(both);
      for (const expected of ['none', 'any', 0, 1, 99] as const) expect(await subject.port.append([{ ...both[0]!, expected }, both[1]!])).toEqual(first);
    });

    it('are the same event with another time, trace, order of fields or sealing', async () => {
      const said = event('a0', { data: { x: 1, y: { z: 2, w: 3 } }, personal: { contact: { sealed: 'b25l' } } });
      const again = event('a0', { data: { y: { w: 3, z: 2 }, x: 1 }, personal: { contact: { sealed: 'dHdv' } } });
      const retried = { ...again, metadata: { ...again.metadata, recordedAt: '2026-03-02T09:00:00.000Z', traceparent: '00-1-2-01' } };
      const first = await subject.port.append([{ stream: 'word-a', expected: 'none', events: [said] }]);
      expect(await subject.port.append([{ stream: 'word-a', expected: 'none', events: [retried] }])).toEqual(first);
      expect((await readAll(subject.port, 'word-a'))[0]?.personal).toEqual({ contact: { sealed: 'b25l' } });
    });

    it.each<[string, StreamAppend]>([
      ['data', { stream: 'word-a', expected: 'any', events: [event('a0', { data: { word: 'other' } })] }],
      ['type', { stream: 'word-a', expected: 'any', events: [event('a0', { type: 'WordUnsaid' })] }],
      ['stream', { stream: 'word-b', expected: 'any', events: [event('a0')] }],
      ['groups of personal data', { stream: 'word-a', expected: 'any', events: [event('a0', { personal: { contact: {} } })] }],
    ])('are refused with other %s', async (_, append) => {
      const start = await headOf(subject.port);
      await subject.port.append(both);
      expect(await rejection(subject.port.append([append]))).toMatchObject(reused);
      expect(words(await eventsAfter(subject.port, start))).toEqual(['a0', 'a1', 'b0']);
    });

    if (durable) {
      it('give the original answer after a restart', async () => {
        const first = await subject.port.append(both);
        const reopened = await subject.reopen();
        expect(await reopened.append(both)).toEqual(first);
        expect(await wordsOf(reopened, 'word-a')).toEqual(['a0', 'a1']);
      });

      it('give the original answer to another process', async () => {
        const first = await subject.port.append(both);
        const another = await subject.another();
        expect(await another.append(both)).toEqual(first);
        expect(await rejection(another.append([{ stream: 'word-a', expected: 'none', events: [event('b')] }]))).toMatchObject({ actual: 1 });
      });
    }
  });
};
