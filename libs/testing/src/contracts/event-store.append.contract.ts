import { describe, expect, it } from '@jest/globals';
import { type EventStore, readAll, RevisionConflict, START, type StreamAppend } from '@kendt/eventsourcing';
import { event, eventsAfter, many, words, wordsOf } from './event-store.examples.js';
import { rejection, type Subject } from './opened.js';

export const appendClauses = (subject: Subject<EventStore>, durable: boolean): void => {
  describe('append', () => {
    it('keeps an event with everything that was given, and says where it stands', async () => {
      const given = event('hello', { personal: { contact: { sealed: 'b25l' } } });
      const { position } = await subject.port.append([{ stream: 'word-a', expected: 'none', events: [given] }]);
      expect(await readAll(subject.port, 'word-a')).toEqual([{ ...given, stream: 'word-a', revision: 0, position }]);
    });

    it('keeps an event without personal data without inventing any', async () => {
      await subject.port.append([{ stream: 'word-a', expected: 'none', events: [event('hello')] }]);
      expect((await readAll(subject.port, 'word-a'))[0]).not.toHaveProperty('personal');
    });

    it('keeps text of any script, and is not changed by what the caller does to its objects later', async () => {
      const data = { word: 'Ærø – 家具 – 🪑', deep: { list: [1, null, 'x'] } };
      await subject.port.append([{ stream: 'word-a', expected: 'none', events: [event('hello', { data })] }]);
      data.deep.list.push('later');
      expect((await readAll(subject.port, 'word-a'))[0]?.data).toEqual({ word: 'Ærø – 家具 – 🪑', deep: { list: [1, null, 'x'] } });
    });

    it('writes to several streams at once', async () => {
      await subject.port.append([
        { stream: 'word-a', expected: 'none', events: [event('a0'), event('a1')] },
        { stream: 'claim-b', expected: 'none', events: [event('b0')] },
      ]);
      expect(await wordsOf(subject.port, 'word-a')).toEqual(['a0', 'a1']);
      expect(await wordsOf(subject.port, 'claim-b')).toEqual(['b0']);
    });

    it('writes nothing at all when one of several streams is elsewhere', async () => {
      await subject.port.append([{ stream: 'claim-b', expected: 'none', events: [event('b0')] }]);
      const error = await rejection(
        subject.port.append([
          { stream: 'word-a', expected: 'none', events: [event('a0')] },
          { stream: 'claim-b', expected: 'none', events: [event('b1')] },
        ]),
      );
      expect(error).toBeInstanceOf(RevisionConflict);
      expect(await wordsOf(subject.port, 'word-a')).toEqual([]);
      expect(await wordsOf(subject.port, 'claim-b')).toEqual(['b0']);
    });

    it('says in a conflict which stream it is and where it stands', async () => {
      await subject.port.append([{ stream: 'word-a', expected: 'none', events: many(3) }]);
      const conflict = (stream: string, expected: StreamAppend['expected']): Promise<unknown> =>
        rejection(subject.port.append([{ stream, expected, events: [event(`${stream}-${expected}`)] }]));
      expect(await conflict('word-a', 'none')).toMatchObject({ name: 'RevisionConflict', stream: 'word-a', expected: 'none', actual: 2 });
      expect(await conflict('word-a', 1)).toMatchObject({ name: 'RevisionConflict', stream: 'word-a', expected: 1, actual: 2 });
      expect(await conflict('word-a', 3)).toMatchObject({ name: 'RevisionConflict', stream: 'word-a', expected: 3, actual: 2 });
      expect(await conflict('word-b', 0)).toMatchObject({ name: 'RevisionConflict', stream: 'word-b', expected: 0, actual: -1 });
    });

    it('takes the exact revision, and `any` whether the stream exists or not', async () => {
      await subject.port.append([{ stream: 'word-a', expected: 'any', events: [event('0')] }]);
      await subject.port.append([{ stream: 'word-a', expected: 0, events: [event('1')] }]);
      await subject.port.append([{ stream: 'word-a', expected: 'any', events: [event('2')] }]);
      expect((await readAll(subject.port, 'word-a')).map(({ revision }) => revision)).toEqual([0, 1, 2]);
    });

    it('takes the expected revisions stream by stream', async () => {
      await subject.port.append([{ stream: 'word-a', expected: 'none', events: [event('a0')] }]);
      await subject.port.append([
        { stream: 'word-a', expected: 0, events: [event('a1')] },
        { stream: 'word-b', expected: 'none', events: [event('b0')] },
        { stream: 'word-c', expected: 'any', events: [event('c0')] },
      ]);
      expect(await wordsOf(subject.port, 'word-a')).toEqual(['a0', 'a1']);
    });

    it('lets exactly one of many callers at once have a revision, and the failure of one hurts no other', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => subject.port.append([{ stream: `word-${n % 2}`, expected: 'none', events: [event(`race${n}`)] }])),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      expect(await wordsOf(subject.port, 'word-0')).toHaveLength(1);
      expect(await wordsOf(subject.port, 'word-1')).toHaveLength(1);
    });

    it('answers an append of nothing with the position of the last event of all, and writes nothing', async () => {
      const empty = (await eventsAfter(subject.port, START)).length === 0;
      if (empty) expect(await subject.port.append([])).toEqual({ position: START });
      const last = await subject.port.append([{ stream: 'word-a', expected: 'none', events: [event('a0')] }]);
      expect(await subject.port.append([])).toEqual(last);
      expect(await subject.port.append([{ stream: 'word-a', expected: 0, events: [] }])).toEqual(last);
      expect(await subject.port.append([{ stream: 'claim-b', expected: 7, events: [] }])).toEqual(last);
      expect(await wordsOf(subject.port, 'word-a')).toEqual(['a0']);
    });

    it('shows what was answered to every reader at once', async () => {
      const readers = durable ? [subject.port, await subject.another()] : [subject.port];
      for (let n = 0; n < 20; n++) {
        await subject.port.append([{ stream: 'word-a', expected: n === 0 ? 'none' : n - 1, events: [event(`a${n}`)] }]);
        for (const reader of readers) expect(await readAll(reader, 'word-a')).toHaveLength(n + 1);
      }
    });

    it('gives positions that rise, and that compare as strings', async () => {
      const positions: string[] = [];
      for (let n = 0; n < 12; n++) positions.push((await subject.port.append([{ stream: `word-${n}`, expected: 'none', events: [event(`p${n}`)] }])).position);
      expect(positions).toEqual([...new Set(positions)].sort());
    });

    if (durable)
      it('goes on from wherever another process has left a stream', async () => {
        const ports = [subject.port, await subject.another()];
        for (let n = 0; n < 12; n++) await ports[n % 2]!.append([{ stream: 'word-a', expected: n === 0 ? 'none' : n - 1, events: [event(`a${n}`)] }]);
        expect(await rejection(ports[0]!.append([{ stream: 'word-a', expected: 10, events: [event('late')] }]))).toMatchObject({ actual: 11 });
        await Promise.all(ports.map((port, n) => port.append([{ stream: 'word-a', expected: 'any', events: [event(`any${n}`)] }])));
        expect((await readAll(subject.port, 'word-a')).map(({ revision }) => revision)).toEqual(Array.from({ length: 14 }, (_, n) => n));
      });

    limitClauses(subject);

    if (durable)
      it('still has everything after a restart, and goes on from there', async () => {
        const first = await subject.port.append([{ stream: 'word-a', expected: 'none', events: [event('a0'), event('a1')] }]);
        const before = await readAll(subject.port, 'word-a');
        const reopened = await subject.reopen();
        expect(await readAll(reopened, 'word-a')).toEqual(before);
        const second = await reopened.append([{ stream: 'word-a', expected: 1, events: [event('a2')] }]);
        expect(second.position > first.position).toBe(true);
        expect(words(await readAll(reopened, 'word-a'))).toEqual(['a0', 'a1', 'a2']);
      });
  });
};

const limitClauses = (subject: Subject<EventStore>): void => {
  const invalid = { name: 'Refusal', code: 'APPEND_INVALID', kind: 'invalid' };

  it.each(['word', 'word-', '-a', 'Word-a', 'word1-a', 'word-a b', 'word-ida@example.org', 'word-æ', `word-${'x'.repeat(129)}`, 'word-a\n'])(
    'refuses the stream name %j without repeating it',
    async (stream) => {
      const error = await rejection(subject.port.append([{ stream, expected: 'any', events: [event('a')] }]));
      expect(error).toMatchObject(invalid);
      if (stream.includes('@')) expect((error as Error).message).not.toContain('ida@example.org');
    },
  );

  it.each(['w-a', `word-${'x'.repeat(128)}`, 'word-A.b_c-9', 'word--'])('takes the stream name %j', async (stream) => {
    await subject.port.append([{ stream, expected: 'none', events: [event('a')] }]);
    expect(await wordsOf(subject.port, stream)).toEqual(['a']);
  });

  it('takes an event of almost 1 MiB and refuses a larger one before anything is written', async () => {
    const sized = (word: string, bytes: number): ReturnType<typeof event> => event(word, { data: { word, filler: 'æ'.repeat(bytes / 2) } });
    await subject.port.append([{ stream: 'word-a', expected: 'none', events: [sized('small', 1_040_000)] }]);
    const error = await rejection(
      subject.port.append([
        { stream: 'word-b', expected: 'none', events: [event('b')] },
        { stream: 'word-c', expected: 'none', events: [sized('large', 1_060_000)] },
      ]),
    );
    expect(error).toMatchObject(invalid);
    expect(await wordsOf(subject.port, 'word-b')).toEqual([]);
  });

  it('takes 500 events and refuses 501', async () => {
    await subject.port.append([{ stream: 'word-a', expected: 'none', events: many(500) }]);
    expect(await wordsOf(subject.port, 'word-a')).toHaveLength(500);
    expect(await rejection(subject.port.append([{ stream: 'word-b', expected: 'none', events: many(501, 'm') }]))).toMatchObject(invalid);
  });

  it('takes 50 streams and refuses 51', async () => {
    const streams = (count: number, prefix: string): StreamAppend[] =>
      Array.from({ length: count }, (_, n) => ({ stream: `word-${prefix}${n}`, expected: 'none', events: [event(`${prefix}${n}`)] }));
    await subject.port.append(streams(50, 's'));
    expect(await rejection(subject.port.append(streams(51, 't')))).toMatchObject(invalid);
    expect(await wordsOf(subject.port, 'word-t0')).toEqual([]);
  });

  it('refuses a stream that stands twice, an id that stands twice, and what is not JSON', async () => {
    const append = (...appends: StreamAppend[]): Promise<unknown> => rejection(subject.port.append(appends));
    const one = (word: string): StreamAppend => ({ stream: 'word-a', expected: 'any', events: [event(word)] });
    expect(await append(one('a'), one('b'))).toMatchObject(invalid);
    expect(await append(one('a'), { ...one('a'), stream: 'word-b' })).toMatchObject(invalid);
    expect(await append({ ...one('a'), events: [event('a', { data: { big: 1n } })] })).toMatchObject(invalid);
    expect(await wordsOf(subject.port, 'word-a')).toEqual([]);
  });
};
