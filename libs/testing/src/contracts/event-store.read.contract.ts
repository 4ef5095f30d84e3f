import { describe, expect, it } from '@jest/globals';
import { type EventStore, readAll, type ReadOptions } from '@kendt/eventsourcing';
import { event, many, words } from './event-store.examples.js';
import type { Subject } from './opened.js';

export const readClauses = (subject: Subject<EventStore>): void => {
  describe('read', () => {
    it('gives nothing for a stream that does not exist', async () => {
      expect(await readAll(subject.port, 'word-missing')).toEqual([]);
      expect(await readAll(subject.port, 'word-missing', { direction: 'backwards' })).toEqual([]);
    });

    it.each<[ReadOptions, number[]]>([
      [{}, [0, 1, 2, 3, 4]],
      [{ from: 2 }, [2, 3, 4]],
      [{ from: 2, limit: 2 }, [2, 3]],
      [{ from: 5 }, []],
      [{ limit: 0 }, []],
      [{ limit: 99 }, [0, 1, 2, 3, 4]],
      [{ direction: 'backwards' }, [4, 3, 2, 1, 0]],
      [{ direction: 'backwards', limit: 1 }, [4]],
      [{ direction: 'backwards', from: 2 }, [2, 1, 0]],
      [{ direction: 'backwards', from: 2, limit: 2 }, [2, 1]],
      [{ direction: 'backwards', from: 99 }, [4, 3, 2, 1, 0]],
    ])('with %j of five events gives %j', async (options, revisions) => {
      await subject.port.append([
        { stream: 'word-a', expected: 'none', events: many(5) },
        { stream: 'word-b', expected: 'none', events: [event('other')] },
      ]);
      expect((await readAll(subject.port, 'word-a', options)).map(({ revision }) => revision)).toEqual(revisions);
    });

    it('gives a long stream whole and in order, in both directions', async () => {
      for (let n = 0; n < 3; n++) await subject.port.append([{ stream: 'word-a', expected: 'any', events: many(500, `r${n}-`) }]);
      const forwards = await readAll(subject.port, 'word-a');
      expect(forwards.map(({ revision }) => revision)).toEqual(Array.from({ length: 1500 }, (_, n) => n));
      expect(words(await readAll(subject.port, 'word-a', { direction: 'backwards' }))).toEqual(words(forwards).reverse());
    });

    it.each(['forwards', 'backwards'] as const)('%s gives a consistent prefix while the stream is appended to: what was appended together is there together', async (direction) => {
      let writing = true;
      const write = async (): Promise<void> => {
        for (let n = 0; n < 40; n++) await subject.port.append([{ stream: 'word-a', expected: n === 0 ? 'none' : 6 * n - 1, events: many(6, `w${n}-`) }]);
        writing = false;
      };
      const written = write();
      for (let before = 0; writing; ) {
        const revisions = (await readAll(subject.port, 'word-a', { direction })).map(({ revision }) => revision);
        expect(direction === 'forwards' ? revisions : revisions.reverse()).toEqual(Array.from(revisions.keys()));
        expect(revisions.length % 6).toBe(0);
        expect(revisions.length).toBeGreaterThanOrEqual(before);
        before = revisions.length;
        await new Promise(setImmediate); // a store may read without ever letting others have their turn
      }
      await written;
      expect(await readAll(subject.port, 'word-a')).toHaveLength(240);
    });

    it('can be left in the middle', async () => {
      await subject.port.append([{ stream: 'word-a', expected: 'none', events: many(5) }]);
      for await (const { revision } of subject.port.read('word-a')) if (revision === 1) break;
      await subject.port.append([{ stream: 'word-a', expected: 4, events: [event('after')] }]);
      expect(await readAll(subject.port, 'word-a')).toHaveLength(6);
    });
  });
};
