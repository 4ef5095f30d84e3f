import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId, type NewEvent, readAll } from '@kendt/eventsourcing';
import { join } from 'node:path';
import { EventLog } from './event-log.js';
import { SqliteEventStore } from './event-store.sqlite.js';
import { type TemporaryFolder, temporaryFolder } from './on-file.examples.js';

const said = (word: string): NewEvent => {
  const id = deterministicId('recent', word);
  const metadata = { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'recent', recordedAt: '2026-03-01T09:00:00.000Z', schemaVersion: '1' } as const;
  return { id, type: 'WordSaid', data: { word }, metadata };
};

describe('events that were read a moment ago', () => {
  let kept: TemporaryFolder;
  let writer: SqliteEventStore;
  let log: EventLog;
  beforeEach(async () => {
    kept = temporaryFolder();
    writer = await SqliteEventStore.open(join(kept.folder, 'events.db'));
    log = new EventLog(join(kept.folder, 'events.db')); // as another process has it
  });
  afterEach(async () => {
    log.close();
    await writer.close();
    kept.remove();
  });

  const append = (stream: string, ...words: string[]) => writer.append([{ stream, expected: 'any', events: words.map(said) }]);
  const words = (stream: string, from = 0, limit = 500) => log.read(stream, 'forwards', from, limit).map(({ data }) => (data as { word: string }).word);

  /** How often a stream was looked up in the file. */
  const lookUps = (): (() => number) => {
    let count = 0;
    for (const name of ['ofKey', 'forwards'] as const) {
      const statement = log['statements'][name];
      const all = statement.all.bind(statement);
      statement.all = (...parameters: unknown[]) => (count++, all(...parameters));
    }
    return () => count;
  };

  it('are not looked up again, and what somebody else has written since is there', async () => {
    const count = lookUps();
    await append('word-a', 'a0');
    expect(words('word-a')).toEqual(['a0']);
    await append('word-b', 'b0');
    await append('word-a', 'a1', 'a2');
    expect([words('word-a'), words('word-a', 1), words('word-a', 3), words('word-a', 0, 2)]).toEqual([['a0', 'a1', 'a2'], ['a1', 'a2'], [], ['a0', 'a1']]);
    expect(count()).toBe(1);
    expect(words('word-b')).toEqual(['b0']);
    expect(count()).toBe(1); // begun since the first look
  });

  it('tell of all streams of the same key, also of those that there are not', async () => {
    const count = lookUps();
    await append('word-a', 'a0');
    expect([words('word-a'), words('echo-a')]).toEqual([['a0'], []]);
    await append('echo-a', 'e0');
    await append('echo-b', 'e1');
    expect([words('echo-a'), words('echo-b'), words('word-b')]).toEqual([['e0'], ['e1'], []]);
    expect(count()).toBe(2); // of word-b nothing was known
  });

  it('are no more than some: who has many is read page by page, and only the end is kept', async () => {
    const all = Array.from({ length: 620 }, (_, n) => `w${n}`);
    await append('word-a', ...all.slice(0, 500));
    await append('word-a', ...all.slice(500));
    const store = await SqliteEventStore.open(join(kept.folder, 'events.db'));
    for (let n = 0; n < 2; n++) expect((await readAll(store, 'word-a')).map(({ data }) => (data as { word: string }).word)).toEqual(all);
    await append('word-a', 'last');
    expect((await readAll(store, 'word-a', { from: 619 })).map(({ revision }) => revision)).toEqual([619, 620]);
    await store.close();
  });

  it('begin anew when very much was written meanwhile', async () => {
    await append('word-a', 'a0');
    expect(words('word-a')).toEqual(['a0']);
    for (let n = 0; n < 5; n++) await append('word-b', ...Array.from({ length: 500 }, (_, k) => `b${n * 500 + k}`));
    await append('word-a', 'a1');
    expect([words('word-a'), words('word-b', 2498)]).toEqual([['a0', 'a1'], ['b2498', 'b2499']]);
  });

  it('leave it to the look-up to say what is damaged', async () => {
    await append('word-a', 'a0');
    expect([words('word-a'), words('word-b')]).toEqual([['a0'], []]);
    await append('word-b', 'b0');
    await append('word-a', 'a1');
    const { reader } = log;
    reader.exec(`UPDATE events SET data = '{' WHERE stream = 'word-b'; DELETE FROM events WHERE stream = 'word-a' AND revision = 0`);
    expect(() => words('word-b')).toThrow(/damaged/);
    expect(words('word-a', 1)).toEqual(['a1']);
  });
});
