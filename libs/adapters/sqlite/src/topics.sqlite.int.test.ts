import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { TopicLog } from '@kendt/connector';
import { topicsContract } from '@kendt/testing';
import { holding, ticks } from './held-file.examples.js';
import { bytesOf, onFile, temporaryFolder, traces } from './on-file.examples.js';
import { SqliteTopics } from './topics.sqlite.js';

topicsContract('SqliteTopics', onFile('topics.db', (file) => SqliteTopics.open(file)), { durable: true });

describe('SqliteTopics', () => {
  it('keeps a profile in no file any more once its tombstone is published', async () => {
    const { folder, remove } = temporaryFolder();
    const topics = await SqliteTopics.open(join(folder, 'topics.db'));
    await topics.ensure([{ name: 'profiles', cleanup: 'compact' }]);
    const email = `ida.${randomBytes(6).toString('hex')}@example.org`;
    await topics.publish([{ topic: 'profiles', key: 'c-1', value: Buffer.from(email), headers: {} }]);
    await topics.publish([{ topic: 'profiles', key: 'c-1', value: null, headers: {} }]);
    await topics.purge();
    expect(traces(folder, email)).toEqual([]);
    expect(bytesOf(folder)['topics.db-wal']).toHaveLength(0);
    await topics.close();
    remove();
  });

  it('writes what is published in one turn in one commit, and lets what cannot be published fail alone', async () => {
    const { folder, remove } = temporaryFolder();
    const topics = await SqliteTopics.open(join(folder, 'topics.db'));
    await topics.ensure([{ name: 't', cleanup: 'delete' }]);
    const commits = jest.spyOn(TopicLog.prototype, 'publish');
    const publish = (topic: string, key: string): Promise<void> => topics.publish([{ topic, key, value: Buffer.from(key), headers: {} }]);
    await Promise.all(['a', 'b', 'c'].map((key) => publish('t', key)));
    expect(commits).toHaveBeenCalledTimes(1);
    const outcomes = await Promise.allSettled([publish('t', 'd'), publish('never made', 'e'), publish('t', 'f')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const [last, closed] = [publish('t', 'g'), topics.close()];
    await Promise.all([last, closed]);
    await expect(publish('t', 'h')).rejects.toThrow('closed');
    const log = TopicLog.open(join(folder, 'topics.db'));
    expect(log.poll({ topics: ['t'], group: 'look' }).map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'f', 'g']);
    log.close();
    commits.mockRestore();
    remove();
  });

  it('lets other keys go on while one cannot be handled, and then gives that one in order', async () => {
    const { folder, remove } = temporaryFolder();
    const topics = await SqliteTopics.open(join(folder, 'topics.db'));
    await topics.ensure([{ name: 't', cleanup: 'delete' }]);
    await topics.publish(['a1', 'b1', 'a2', 'b2', 'a3'].map((word) => ({ topic: 't', key: word[0]!, value: Buffer.from(word), headers: {} })));
    const handled: string[] = [];
    const abort = new AbortController();
    let healthy = false;
    const consuming = topics.consume({
      topics: ['t'], group: 'g', signal: abort.signal,
      handle: async ({ key, value }) => {
        if (key === 'a' && !healthy) throw new Error('not now');
        handled.push(Buffer.from(value!).toString());
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(handled).toEqual(['b1', 'b2']);
    healthy = true;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(handled).toEqual(['b1', 'b2', 'a1', 'a2', 'a3']);
    abort.abort();
    await consuming;
    const again = new AbortController();
    const repeated: unknown[] = [];
    const second = topics.consume({ topics: ['t'], group: 'g', signal: again.signal, handle: async (message) => void repeated.push(message) });
    await new Promise((resolve) => setTimeout(resolve, 60));
    again.abort();
    await second;
    expect(repeated).toEqual([]);
    await topics.close();
    remove();
  });

  it('lets this process go on while another one holds the file, and then publishes and hands out in order', async () => {
    const { folder, remove } = temporaryFolder();
    const file = join(folder, 'topics.db');
    const topics = await SqliteTopics.open(file);
    await topics.ensure([{ name: 't', cleanup: 'delete' }]);
    const [stop, seen] = [new AbortController(), [] as string[]];
    const other = await holding(file);
    const consuming = topics.consume({ topics: ['t'], group: 'g', signal: stop.signal, handle: async ({ key }) => void (seen.push(key) === 3 && stop.abort()) });
    const publish = (key: string): Promise<void> => topics.publish([{ topic: 't', key, value: Buffer.from(key), headers: {} }]);
    const published = [publish('a'), publish('b')];
    await ticks(10);
    published.push(publish('c'));
    await other.letGo();
    await Promise.all([...published, consuming]);
    expect(seen).toEqual(['a', 'b', 'c']);
    await topics.close();
    remove();
  });
});
