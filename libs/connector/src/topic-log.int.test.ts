import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GroupIsConsuming } from './reading.js';
import { type LogMessage, TopicLog } from './topic-log.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const texts = (messages: readonly LogMessage[]): (string | null)[] => messages.map(({ value }) => value && Buffer.from(value).toString());

describe('TopicLog', () => {
  let folder: string;
  let log: TopicLog;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-log-'));
    log = TopicLog.open(join(folder, 'topics.db'), { tombstoneMs: 50 });
    log.ensure([{ name: 'a', cleanup: 'delete', retentionMs: 60_000 }, { name: 'b', cleanup: 'delete' }, { name: 'c', cleanup: 'compact', partitions: 6 }]);
  });
  afterEach(() => {
    log.close();
    rmSync(folder, { recursive: true });
  });
  const publish = (topic: string, ...words: string[]): void => log.publish(words.map((word) => ({ topic, key: word[0]!, value: Buffer.from(word), headers: {} })));
  const poll = (group: string, limit?: number): LogMessage[] => log.poll({ topics: /./, group, ...(limit !== undefined && { limit }) });

  it('is not made by a connector that comes too early', () => {
    expect(() => TopicLog.open(join(folder, 'missing.db'), { mustExist: true })).toThrow(/missing\.db does not exist yet\. Start Kendt first/);
  });

  it('tells which topics there are', () => {
    expect(log.topics()).toEqual([
      { name: 'a', cleanup: 'delete', retentionMs: 60_000 }, { name: 'b', cleanup: 'delete' }, { name: 'c', cleanup: 'compact', partitions: 6 },
    ]);
    expect(() => log.ensure([{ name: 'new', cleanup: 'delete' }, { name: 'c', cleanup: 'compact', partitions: 3 }])).toThrow('Topic c has partitions 6, and 3 is asked for');
    expect(log.topics()).toHaveLength(3);
  });

  it('gives a group what it has not committed, in one order over all topics', () => {
    publish('a', '1', '2');
    publish('b', '3');
    publish('a', '4');
    const [first, second] = poll('g');
    expect(texts(poll('g'))).toEqual(['1', '2', '3', '4']);
    expect(texts(poll('g', 2))).toEqual(['1', '2']);
    log.commit('g', 'a', 0, second!.offset);
    log.commit('g', 'a', 0, first!.offset); // never goes back
    expect(texts(poll('g'))).toEqual(['3', '4']);
    expect(log.lag({ topics: ['a'], group: 'g' })).toEqual([{ topic: 'a', messages: 1 }]);
    expect(log.lag({ topics: /./, group: 'new' })).toEqual([{ topic: 'a', messages: 3 }, { topic: 'b', messages: 1 }, { topic: 'c', messages: 0 }]);
    expect(log.committed('g', 'a')).toBe(second!.offset);
    log.reset('g');
    expect(poll('g')).toHaveLength(4);
  });

  it('gives one message again as long as it is kept', () => {
    publish('c', 'one');
    const [message] = poll('g');
    expect(texts([log.read('c', message!.offset)!])).toEqual(['one']);
    expect(log.read('b', message!.offset)).toBeUndefined();
    publish('c', 'other');
    expect(log.read('c', message!.offset)).toBeUndefined();
  });

  it('never gives an offset twice, also when the last message is compacted away and its tombstone pruned', async () => {
    publish('c', 'x1');
    const [{ offset }] = poll('g') as [LogMessage];
    log.publish([{ topic: 'c', key: 'x', value: null, headers: {} }]);
    expect(texts(poll('g'))).toEqual([null]);
    await sleep(60);
    log.prune();
    expect(poll('g')).toEqual([]);
    publish('c', 'x2');
    expect(Number(poll('g')[0]!.offset)).toBeGreaterThan(Number(offset) + 1);
  });

  it('lets one member of a group read at a time, and another take over when it has died', async () => {
    expect(log.lease('g', 'one', 100)).toBe(true);
    expect(log.lease('g', 'two', 100)).toBe(false);
    expect(log.lease('other', 'two', 100)).toBe(true);
    expect(log.lease('g', 'one', 60)).toBe(true);
    await sleep(80);
    expect(log.lease('g', 'two', 100)).toBe(true);
    expect(log.lease('g', 'one', 100)).toBe(false);
    log.release('g', 'one'); // not its own any more
    expect(log.lease('g', 'one', 100)).toBe(false);
    log.release('g', 'two');
    expect(log.lease('g', 'one', 100)).toBe(true);
  });

  it('is brought to the present version where an older one made it, with everything that it holds', () => {
    publish('a', '1');
    log.close();
    const old = new DatabaseSync(join(folder, 'topics.db'));
    old.exec('DROP TABLE members; PRAGMA user_version = 1');
    old.close();
    log = TopicLog.open(join(folder, 'topics.db'));
    log.enter('g', 'one', 60_000);
    expect(() => log.rewind('g', 'a', 'start')).toThrow(GroupIsConsuming);
    expect(texts(poll('g'))).toEqual(['1']);
  });

  it('does not count a member for ever that has died', async () => {
    log.enter('g', 'one', 30);
    await sleep(40);
    log.rewind('g', 'a', 'start');
  });

  it('wakes who waits when something changes, here or in another process, also between looking and waiting', async () => {
    const { signal } = new AbortController();
    const other = TopicLog.open(join(folder, 'topics.db'));
    const waited = async (change: () => void, ms = 2000): Promise<number> => {
      const began = performance.now();
      const waiting = log.changed(signal, ms);
      setTimeout(change, 20);
      await waiting;
      return performance.now() - began;
    };
    expect(await waited(() => publish('a', '1'))).toBeLessThan(1000);
    expect(await waited(() => other.publish([{ topic: 'a', key: 'k', value: null, headers: {} }]))).toBeLessThan(1000);
    expect(await waited(() => undefined, 100)).toBeGreaterThan(90);
    const mark = log.mark();
    publish('a', '2');
    await log.changed(signal, 60_000, mark);
    await log.changed(AbortSignal.abort(), 60_000);
    other.close();
  });

  it('wakes who waits when it is closed', async () => {
    const waiting = log.changed(new AbortController().signal);
    log.close();
    log.close();
    await waiting;
  });
});
