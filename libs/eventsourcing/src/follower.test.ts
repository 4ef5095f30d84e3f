import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Refusal } from '@kendt/kernel';
import { checkpointsView } from './checkpoint.js';
import { deterministicId } from './command-context.js';
import type { NewEvent, StoredEvent } from './event-store.port.js';
import { follow, type Follower } from './follower.js';
import type { Following } from './follower.loop.js';
import { Lease } from './lease.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryTopics } from './memory/topics.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { publishing } from './publisher.js';
import type { View, Views } from './views.port.js';

describe('a follower', () => {
  let store: MemoryEventStore;
  let views: MemoryViews;
  let running: Following[];
  beforeEach(() => {
    store = new MemoryEventStore();
    views = new MemoryViews();
    running = [];
  });
  afterEach(() => Promise.all(running.map((following) => following.stop())));

  const start = (follower: Follower): Following => {
    const following = follow({ store, views }, follower, { retryDelays: [1, 1] });
    running.push(following);
    return following;
  };
  const append = (stream: string, ...names: string[]) => store.append([{ stream, expected: 'any', events: names.map(event) }]);

  it('handles history and what comes after it, each event once and in order', async () => {
    await append('thing-1', 'a', 'b');
    const seen: string[] = [];
    const following = start(noting('watch', seen));
    const { position } = await append('thing-1', 'c');
    expect(await following.waitFor(position, 1000)).toBe(true);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(following.caughtUp).toBe(true);
  });

  it('goes on after a restart where it was', async () => {
    const seen: string[] = [];
    const first = start(noting('watch', seen));
    await first.waitFor((await append('thing-1', 'a')).position, 1000);
    await first.stop();
    const { position } = await append('thing-1', 'b');
    await start(noting('watch', seen)).waitFor(position, 1000);
    expect(seen).toEqual(['a', 'b']);
  });

  it('waits before it takes up a subscription that has ended by itself', async () => {
    let subscribed = 0;
    const over = { read: store.read.bind(store), subscribe: async function* () { subscribed++; } };
    const following = follow({ store: over, views }, noting('watch', []));
    running.push(following);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(subscribed).toBeGreaterThan(0);
    expect(subscribed).toBeLessThan(4);
    expect(following.lastError).toBe('Error');
  });

  it('writes its checkpoint a moment after the events where others go by it, once for many of them; else seldom, and at the end', async () => {
    const checkpoints = await views.open<{ position: string }>(checkpointsView);
    let written = 0;
    const counting: Views = { open: async (definition) => Object.assign(Object.create(await views.open(definition)) as View<never>, definition.name === checkpointsView.name && { put: async (...args: Parameters<typeof checkpoints.put>) => (written++, checkpoints.put(...args)) }), names: () => views.names(), drop: (name) => views.drop(name), close: () => views.close() };
    const lease = new Lease(views, 'one', { owner: 'me', onError: () => undefined });
    const leased = follow({ store, views: counting }, noting('watch', []), { lease });
    const alone = follow({ store, views }, noting('alone', []));
    running.push(leased, alone);
    let position = '';
    for (let n = 0; n < 50; n++) await leased.waitFor(({ position } = await append('thing-1', `e${n}`)).position, 1000);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect((await checkpoints.get('watch'))?.value.position).toEqual(position);
    expect(written).toBeLessThan(10);
    await alone.stop();
    expect((await checkpoints.get('alone'))?.value).toEqual({ position });
    await lease.release();
  });

  it('passes over other categories, and its position still moves with them', async () => {
    const seen: string[] = [];
    const following = start(noting('watch', seen));
    const { position } = await append('other-1', 'x');
    expect(await following.waitFor(position, 1000)).toBe(true);
    expect(seen).toEqual([]);
  });

  it('says so when a position was not reached in time', async () => {
    const following = start(noting('watch', []));
    expect(await following.waitFor('9999999999999999', 20)).toBe(false);
  });

  it('tries three times before it sets an event aside', async () => {
    let tries = 0;
    const following = start({ name: 'watch', categories: ['thing'], handle: async () => void (await fail(() => tries++)) });
    await following.waitFor((await append('thing-1', 'a')).position, 1000);
    expect(tries).toBe(3);
    expect(following.parkedCount).toBe(1);
    expect(following.lastError).toBe('Error');
  });

  it('lets later events of the same key wait behind a parked one, and others go on', async () => {
    const seen: string[] = [];
    const following = start(failingOn('bad', seen));
    await append('thing-1', 'bad', 'after');
    await following.waitFor((await append('thing-2', 'other')).position, 1000);
    expect(seen).toEqual(['other']);
    expect(following.parkedCount).toBe(2);
  });

  it('waits for what is only busy, and parks nothing', async () => {
    const seen: string[] = [];
    let refusals = 5;
    const handle: Follower['handle'] = ({ type }) => {
      if (refusals-- > 0) throw new Refusal('STORE_BUSY', 'One moment', 'busy');
      seen.push(type);
    };
    const following = start({ name: 'watch', categories: ['thing'], handle });
    const { position } = await append('thing-1', 'a', 'b');
    expect(await following.waitFor(position, 5000)).toBe(true);
    expect([seen, following.parkedCount]).toEqual([['a', 'b'], 0]);
  });

  it('that publishes makes a topic when there is something for it, and parks nothing while it cannot', async () => {
    const topics = new MemoryTopics();
    let away = true;
    const ensured: string[] = [];
    const out = {
      ensure: async (definitions: Parameters<MemoryTopics['ensure']>[0]) => {
        ensured.push(...definitions.map(({ name }) => name));
        return away ? fail(() => (away = false)) : topics.ensure(definitions);
      },
      publish: (messages: Parameters<MemoryTopics['publish']>[0]) => topics.publish(messages),
    };
    const map = ({ id, stream }: StoredEvent) => [{ topic: 'public', key: stream, value: Buffer.from(id), headers: {} }];
    const following = start(publishing(out, { name: 'publish', categories: ['thing'], topics: ['public'], define: (name) => ({ name, cleanup: 'delete' }), map }));
    expect(await following.waitFor((await append('thing-1', 'a', 'b')).position, 5000)).toBe(true);
    expect(await following.waitFor((await append('thing-1', 'c')).position, 5000)).toBe(true);
    expect([ensured, following.parkedCount]).toEqual([['public', 'public'], 0]);
    expect(await published(topics, 3)).toHaveLength(3);
  });

  it('takes up what was parked when it is mended, in order, also after a restart', async () => {
    const seen: string[] = [];
    const broken = start(failingOn('bad', seen));
    const { position } = await append('thing-1', 'bad', 'after');
    await broken.waitFor(position, 1000);
    await broken.stop();
    const mended = start(noting('watch', seen));
    await mended.waitFor(position, 1000);
    expect(seen).toEqual(['bad', 'after']);
    expect(mended.parkedCount).toBe(0);
  });

  it('takes up what was parked when asked to', async () => {
    const seen: string[] = [];
    let broken = true;
    const following = start({ name: 'watch', categories: ['thing'], handle: async ({ type }) => (broken ? fail() : void seen.push(type)) });
    await following.waitFor((await append('thing-1', 'a', 'b')).position, 1000);
    broken = false;
    expect(await following.retryParked()).toBe(2);
    expect(seen).toEqual(['a', 'b']);
  });

  it('that publishes moves on only once the topics have taken it', async () => {
    const topics = new MemoryTopics();
    let refusals = 2;
    const flaky = { publish: async (messages: Parameters<MemoryTopics['publish']>[0]) => (refusals-- > 0 ? fail() : topics.publish(messages)) };
    await topics.ensure([{ name: 'public', cleanup: 'delete' }]);
    const map = ({ id, stream }: StoredEvent) => [{ topic: 'public', key: stream, value: Buffer.from(id), headers: {} }];
    const following = start(publishing(flaky, { name: 'publish', categories: ['thing'], topics: ['public'], map }));
    const { position } = await append('thing-1', 'a', 'b');
    expect(await following.waitFor(position, 3000)).toBe(true);
    expect(await published(topics, 2)).toEqual([deterministicId('thing', 'a'), deterministicId('thing', 'b')]);
  });

  it('that publishes sends what was parked before it stops counting as parked', async () => {
    const topics = new MemoryTopics();
    await topics.ensure([{ name: 'public', cleanup: 'delete' }]);
    let [mappable, reachable] = [false, false];
    const map = async ({ id, stream }: StoredEvent) => (mappable ? [{ topic: 'public', key: stream, value: Buffer.from(id), headers: {} }] : fail());
    const publish = async (messages: Parameters<MemoryTopics['publish']>[0]) => (reachable ? topics.publish(messages) : fail());
    const following = start(publishing({ publish }, { name: 'publish', categories: ['thing'], topics: ['public'], map }));
    await following.waitFor((await append('thing-1', 'a')).position, 1000);
    mappable = true;
    await expect(following.retryParked()).rejects.toThrow('broken');
    expect(following.parkedCount).toBe(1);
    reachable = true;
    expect(await following.retryParked()).toBe(1);
    expect(await published(topics, 1)).toEqual([deterministicId('thing', 'a')]);
  });
});

const event = (name: string): NewEvent => ({
  id: deterministicId('thing', name),
  type: name,
  data: {},
  metadata: { commandId: name, correlationId: name, causationId: name, actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});

const fail = async (before?: () => void): Promise<never> => {
  before?.();
  throw new Error('broken');
};

const noting = (name: string, seen: string[]): Follower => ({ name, categories: ['thing'], handle: async ({ type }) => void seen.push(type) });

const failingOn = (type: string, seen: string[]): Follower => ({
  name: 'watch',
  categories: ['thing'],
  handle: async (event) => (event.type === type ? fail() : void seen.push(event.type)),
});

const published = async (topics: MemoryTopics, count: number): Promise<string[]> => {
  const values: string[] = [];
  const abort = new AbortController();
  await topics.consume({
    topics: ['public'],
    group: 'test',
    signal: abort.signal,
    handle: async ({ value }) => {
      values.push(Buffer.from(value ?? []).toString());
      if (values.length === count) abort.abort();
    },
  });
  return values;
};
