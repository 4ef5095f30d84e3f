import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Database from 'better-sqlite3';
import { connect } from './connection.js';
import { holding, ticks } from './held-file.examples.js';
import { type TemporaryFolder, temporaryFolder } from './on-file.examples.js';
import { WriteQueue } from './write-queue.js';

describe('WriteQueue', () => {
  let kept: TemporaryFolder;
  let db: Database.Database;
  beforeEach(() => {
    kept = temporaryFolder();
    db = connect(join(kept.folder, 'x.db'));
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE words (word TEXT UNIQUE)');
  });
  afterEach(() => {
    db.close();
    kept.remove();
  });

  const say = (word: string) => (): string => (db.prepare('INSERT INTO words VALUES (?)').run(word), word);
  const said = (): unknown => db.prepare('SELECT word FROM words ORDER BY rowid').pluck().all();
  const busy = { name: 'Refusal', code: 'STORE_BUSY', kind: 'busy' };

  it('writes what is asked for together, and undoes all of a piece that fails, and nothing else', async () => {
    const queue = new WriteQueue(db);
    const results = await Promise.allSettled([queue.run(say('a')), queue.run(() => (say('half')(), say('a')())), queue.run(say('b'))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(said()).toEqual(['a', 'b']);
  });

  it('answers nobody when the group as a whole was not written', async () => {
    const queue = new WriteQueue(db);
    const results = await Promise.allSettled([
      queue.run(say('a')),
      queue.run(() => {
        db.exec('ROLLBACK'); // as SQLite does by itself when the disk is full
        throw new Error('disk full');
      }),
      queue.run(say('b')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(said()).toEqual([]);
    await queue.run(say('c'));
    expect(said()).toEqual(['c']);
  });

  it('writes what may be lost in one commit for all who are awake, before this turn of the event loop ends, and undoes what fails alone', async () => {
    const queue = new WriteQueue(db);
    const seen: unknown[] = [];
    const commit = queue['commit'];
    const run = commit.run.bind(commit);
    let commits = 0;
    commit.run = () => (commits++, run());
    setImmediate(() => seen.push(said()));
    const results = await Promise.allSettled([queue.unsyncedTogether(say('a')), Promise.resolve().then(() => queue.unsyncedTogether(() => (say('half')(), say('a')()))), queue.unsyncedTogether(say('b'))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([['a', 'b']]);
    expect(commits).toBe(1);
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
  });

  it('refuses more than it has room for, and takes work again afterwards', async () => {
    const queue = new WriteQueue(db, 2);
    const results = await Promise.allSettled(['a', 'b', 'c'].map((word) => queue.run(say(word))));
    expect(results[2]).toMatchObject({ status: 'rejected', reason: busy });
    await queue.run(say('d'));
    expect(said()).toEqual(['a', 'b', 'd']);
  });

  it('says that it is busy when another process does not let go of the file', async () => {
    const other = connect(join(kept.folder, 'x.db'));
    other.exec('BEGIN IMMEDIATE');
    const queue = new WriteQueue(db, 5000, 20);
    await expect(queue.run(say('a'))).rejects.toMatchObject(busy);
    await expect(queue.unsyncedTogether(say('a'))).rejects.toMatchObject(busy);
    other.exec('ROLLBACK');
    other.close();
    await queue.run(say('b'));
    expect(said()).toEqual(['b']);
  });

  it.each(['run', 'unsyncedTogether'] as const)('lets this process go on while another one holds the file, and then writes in order: %s', async (how) => {
    const other = await holding(join(kept.folder, 'x.db'));
    const queue = new WriteQueue(db, 5000, 60_000);
    const written = [queue[how](say('a')), queue[how](say('b'))];
    await ticks(10);
    written.push(queue[how](say('c')));
    expect(said()).toEqual([]);
    await other.letGo();
    expect(await Promise.all(written)).toEqual(['a', 'b', 'c']);
    expect(said()).toEqual(['a', 'b', 'c']);
  });

  it('tries once more at its end what waits for another process', async () => {
    const other = await holding(join(kept.folder, 'x.db'));
    const queue = new WriteQueue(db, 5000, 60_000);
    const written = [queue.run(say('a')), queue.unsyncedTogether(say('b'))];
    await ticks(3);
    await other.letGo();
    queue.flush();
    expect(said()).toEqual(['a', 'b']);
    expect(await Promise.all(written)).toEqual(['a', 'b']);
  });
});
