import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId, type NewEvent, readAll, START, type StreamAppend } from '@kendt/eventsourcing';
import Database from 'better-sqlite3';
import { SqliteEventStore } from './event-store.sqlite.js';
import { type TemporaryFolder, temporaryFolder } from './on-file.examples.js';

const here = import.meta.dirname;
const hook = join(here, '../../../../tools/swc-hook.mjs');

const said = (word: string, more: Partial<NewEvent> = {}): NewEvent => {
  const id = deterministicId('faults', word);
  const metadata = { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'faults', recordedAt: '2026-03-01T09:00:00.000Z', schemaVersion: '1' } as const;
  return { id, type: 'WordSaid', data: { word }, metadata, ...more };
};
const one = (stream: string, ...events: NewEvent[]): StreamAppend[] => [{ stream, expected: 'any', events }];

describe('the event store on a file, when something goes wrong', () => {
  let kept: TemporaryFolder;
  const opened: SqliteEventStore[] = [];
  beforeEach(() => void (kept = temporaryFolder()));
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    kept.remove();
  });
  const file = (): string => join(kept.folder, 'events.db');
  const open = async (options?: Parameters<typeof SqliteEventStore.open>[1]): Promise<SqliteEventStore> => {
    const store = await SqliteEventStore.open(file(), options);
    opened.push(store);
    return store;
  };
  const withSqlite = <T>(work: (db: Database.Database) => T): T => {
    const db = new Database(file());
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const other = (what: string, under: readonly string[] = []) => {
    const [program = '', ...args] = [...under, process.execPath, '--conditions=@kendt/source', '--import', hook, join(here, 'faults.examples.ts'), what, file()];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const told: Record<string, unknown>[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Record<string, unknown>));
    return { child, told, ended: once(child, 'close') };
  };

  it.each([
    ['appends', { capacity: 2 }, 10],
    ['bytes', { capacityBytes: 5000 }, 2000],
  ])('refuses more %s than it has room for as busy, and takes them again afterwards', async (_, options, bytes) => {
    const store = await open(options);
    const append = (n: number): Promise<unknown> => store.append(one(`word-${n}`, said(`w${n}`, { data: { filler: 'x'.repeat(bytes) } })));
    const results = await Promise.allSettled([0, 1, 2].map(append));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(results[2]).toMatchObject({ reason: { name: 'Refusal', code: 'STORE_BUSY', kind: 'busy' } });
    await append(2);
    expect(await readAll(store, 'word-2')).toHaveLength(1);
  });

  it('takes one append that is larger than the room when it is alone', async () => {
    const store = await open({ capacityBytes: 10 });
    await store.append(one('word-a', said('a'), said('b')));
    expect(await readAll(store, 'word-a')).toHaveLength(2);
  });

  it('says that it does not know what was written when its thread dies, and goes on with another one', async () => {
    const store = await open();
    await store.append(one('word-a', said('a')));
    const lost = store.append(one('word-a', said('b')));
    await new Promise(setImmediate);
    await store['writes']['writer']!.terminate();
    const [result] = await Promise.allSettled([lost]);
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'Refusal', code: 'APPEND_UNCERTAIN', kind: 'busy' });
    await store.append(one('word-a', said('b')));
    expect((await readAll(store, 'word-a')).map(({ data }) => data)).toEqual([{ word: 'a' }, { word: 'b' }]);
  });

  it('rejects everything that waits when its thread dies', async () => {
    const store = await open();
    const waiting = Array.from({ length: 400 }, (_, n) => store.append(one(`word-${n}`, said(`w${n}`))));
    await store['writes']['writer']!.terminate(); // before it has loaded anything
    const results = await Promise.allSettled(waiting);
    const rejected = results.filter(({ status }) => status === 'rejected');
    expect(rejected.length).toBeGreaterThanOrEqual(384); // what had not been sent yet may go to the next thread
    for (const { reason } of rejected as PromiseRejectedResult[]) expect(reason).toMatchObject({ code: 'APPEND_UNCERTAIN' });
  });

  it('writes what waits before it closes', async () => {
    const store = await open();
    const waiting = Array.from({ length: 100 }, (_, n) => store.append(one(`word-${n}`, said(`w${n}`))));
    await store.close();
    expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(Array(100).fill('fulfilled'));
    await expect(store.append(one('word-a', said('a')))).rejects.toThrow('The event store is closed');
  });

  it('keeps file, log and index for the owner alone', async () => {
    const store = await open();
    await store.append(one('word-a', said('a')));
    expect(['', '-wal', '-shm'].map((part) => (statSync(file() + part).mode & 0o777).toString(8))).toEqual(['600', '600', '600']);
  });

  it.each<[string, (db: Database.Database) => unknown]>([
    ['a text that is cut off', (db) => db.exec(`UPDATE events SET data = '{"word":' WHERE revision = 1`)],
    ['an event that is not there', (db) => db.exec('DELETE FROM events WHERE revision = 1')],
  ])('never answers with less than was written: %s is damage', async (_, damage) => {
    await (await open()).append(one('word-a', said('a'), said('b'), said('c')));
    withSqlite(damage);
    const store = await open();
    const damaged = { name: 'StoreDamaged', message: expect.stringMatching(/events\.db is damaged\. Stop Kendt and restore it from a backup/) };
    await expect(readAll(store, 'word-a')).rejects.toMatchObject(damaged);
    await expect(readAll(store, 'word-a', { direction: 'backwards' })).rejects.toMatchObject(damaged);
  });

  it('says that a large file is damaged when what is broken is read', async () => {
    const first = await open();
    for (let n = 0; n < 20; n++) await first.append(one(`word-${n}`, said(`w${n}`, { data: { filler: 'x'.repeat(1_000_000) } })));
    await first.close();
    const descriptor = openSync(file(), 'r+');
    writeSync(descriptor, Buffer.alloc(8 * 4096, 0xa5), 0, 8 * 4096, 4096); // every page but the first that came with the schema
    closeSync(descriptor);
    const store = await open();
    await expect(readAll(store, 'word-3')).rejects.toMatchObject({ name: 'StoreDamaged' });
    await expect(store.subscribe({ after: START, categories: [], signal: AbortSignal.timeout(5000) })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'StoreDamaged' });
    await expect(store.append(one('word-a', said('a')))).rejects.toMatchObject({ name: 'StoreDamaged' });
  });

  it('takes two ids for two, also where one is the other without its hyphens', async () => {
    const store = await open();
    const ids = ['ab-cd', 'abcd', 'ABCD', '0F7C0F1E-6C1B-5D1C-9D55-2F0D4A3A6A10', '0f7c0f1e-6c1b-5d1c-9d55-2f0d4a3a6a10', '0f7c0f1e6c1b5d1c9d552f0d4a3a6a10'];
    for (const id of ids) await store.append(one(`word-${id}`, said(id, { id })));
    for (const id of ids) expect(await readAll(store, `word-${id}`)).toMatchObject([{ id, data: { word: id } }]);
  });

  const hasPrlimit = ((): boolean => {
    try {
      return execFileSync('prlimit', ['--version'], { stdio: 'pipe' }).length > 0;
    } catch {
      return false;
    }
  })();

  if (hasPrlimit)
    it('refuses to write when the disk is full, leaves nothing half written, goes on reading, and recovers by itself', async () => {
      const { told, ended } = other('full', ['prlimit', '--fsize=2000000:unlimited']);
      await ended;
      const [refused, looked, later] = told as [{ written: number; others: string[] }, { again: string; all: number; each: number[] }, { later: string[]; all: number; each: number[] }];
      expect(refused.written).toBeGreaterThan(10);
      expect(refused.others).toEqual(['STORE_FULL busy']);
      expect(looked.again).toBe('STORE_FULL busy');
      expect([looked.all, looked.each]).toEqual([refused.written, Array(refused.written).fill(2)]);
      expect(later).toEqual({ later: ['written'], all: 400, each: Array(400).fill(2) });
    });
  else it.failing('refuses to write when the disk is full: NOT RUN, there is no prlimit here', () => expect(hasPrlimit).toBe(true));

  it('is heard by another process within 50 ms', async () => {
    const store = await open();
    const { told, ended } = other('speak');
    const heard = new Map<number, number>();
    const abort = new AbortController();
    for await (const { events } of store.subscribe({ after: START, categories: ['word'], signal: abort.signal })) {
      for (const { revision } of events) heard.set(revision, Date.now());
      if (heard.size === 25) abort.abort();
    }
    await ended;
    const delays = told.map(({ n, at }) => heard.get(n as number)! - (at as number)).sort((a, b) => a - b);
    expect(delays).toHaveLength(25);
    expect(delays[12]).toBeLessThan(50); // the one in the middle: others run on this machine too
  });

  it('keeps a process alive for an append that waits, and not for a store that nobody closed', async () => {
    const { child, told, ended } = other('forget');
    await ended;
    expect([child.exitCode, told]).toEqual([0, [{ written: true }]]);
  });

  const makeVersion1 = (rows: number): void =>
    withSqlite((db) => {
      db.exec(`PRAGMA journal_mode = WAL;
        CREATE TABLE events (
          position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, category TEXT NOT NULL, id TEXT NOT NULL,
          type TEXT NOT NULL, metadata TEXT NOT NULL, data TEXT NOT NULL, personal TEXT
        );
        CREATE UNIQUE INDEX events_stream ON events (stream, revision);
        CREATE UNIQUE INDEX events_id ON events (id);
        CREATE INDEX events_category ON events (category, position);
        PRAGMA application_id = 0x4b4e4401; PRAGMA user_version = 1; BEGIN`);
      const insert = db.prepare('INSERT INTO events (stream, revision, category, id, type, metadata, data, personal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
      for (let n = 0; n < rows; n++) {
        const { id, type, data, metadata } = said(`old${n}`);
        insert.run(`word-${deterministicId('old', String(n % 100))}`, Math.floor(n / 100), 'word', id, type, JSON.stringify(metadata), JSON.stringify(data), null);
      }
      db.exec('COMMIT');
    });
  const versionNow = (): unknown => withSqlite((db) => [db.pragma('user_version', { simple: true }), db.prepare('SELECT count(*) FROM events').pluck().get(), db.pragma('quick_check', { simple: true })]);

  it('upgrades a file of version 1 without loss: the same order, the same answers', async () => {
    makeVersion1(5000);
    const store = await open();
    const stream = `word-${deterministicId('old', '7')}`;
    const events = await readAll(store, stream);
    expect(events.map(({ data }) => (data as { word: string }).word)).toEqual(Array.from({ length: 50 }, (_, n) => `old${n * 100 + 7}`));
    expect(await store.append([{ stream, expected: 'none', events: [said('old7')] }])).toEqual({ position: events[0]!.position });
    await expect(store.append([{ stream, expected: 3, events: [said('new')] }])).rejects.toMatchObject({ name: 'RevisionConflict', actual: 49 });
    await store.append([{ stream, expected: 49, events: [said('new')] }]);
    await store.close();
    expect(versionNow()).toEqual([2, 5001, 'ok']);
  });

  it('leaves a file as it was when it is killed in the middle of an upgrade', async () => {
    makeVersion1(5000);
    const { child, ended } = other('upgrade');
    await ended;
    expect(child.signalCode).toBe('SIGKILL');
    expect(versionNow()).toEqual([1, 5000, 'ok']);
    await (await open()).close();
    expect(versionNow()).toEqual([2, 5000, 'ok']);
  });
});
