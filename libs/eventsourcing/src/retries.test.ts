import { describe, expect, it } from '@jest/globals';
import { MemoryTopics } from './memory/topics.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { Retries } from './retries.js';
import { AsideTopics, retryTopic, setAside } from './set-aside.js';
import { WaitingKeys } from './waiting-keys.js';

describe('what waits to be tried again', () => {
  it('is handed back at once by a process that is told to stop before it comes to it', async () => {
    const [topics, views] = [new MemoryTopics(), new MemoryViews()];
    const [aside, waiting] = [new AsideTopics(topics), new WaitingKeys(views, 'g')];
    for (const [n, key] of ['ida', 'bo'].entries()) {
      const message = { topic: 'in', key, value: Buffer.from(key), headers: {}, partition: 0, offset: String(n), timestamp: '2026-03-01T12:00:00.000Z' };
      await aside.publish([setAside(retryTopic('in', 'g'), message, { code: 'STORE_AWAY' })]);
      await waiting.add('in', key, 'STORE_AWAY', 0);
    }
    const stop = new AbortController();
    const handled: string[] = [];
    const consumer = { group: 'g', topics: ['in'], handle: async ({ key }: { readonly key: string }) => (stop.abort(), void handled.push(key)) };
    const dead = { add: async () => undefined, prune: async () => undefined };
    await new Retries({ topics, aside, waiting, dead, consumer, delays: [1] }).run(stop.signal);
    expect(handled).toHaveLength(1);
    expect((await new WaitingKeys(views, 'g').take(10)).map(({ value }) => value.key)).toEqual(['bo', 'ida'].filter((key) => !handled.includes(key)));
  });
});
