import { beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId } from './command-context.js';
import { type EventBatch, type EventStore, START, type StoredEvent, type SubscribeOptions } from './event-store.port.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { SharedTail } from './shared-tail.js';

describe('a shared tail', () => {
  let inner: MemoryEventStore;
  let subscriptions: SubscribeOptions[];
  let broken: (options: SubscribeOptions) => boolean;
  let tail: SharedTail;
  beforeEach(() => {
    inner = new MemoryEventStore();
    subscriptions = [];
    broken = () => false;
    tail = new SharedTail(watched());
  });

  const watched = (): EventStore => ({
    append: (appends) => inner.append(appends),
    read: (stream, options) => inner.read(stream, options),
    close: () => inner.close(),
    async *subscribe(options) {
      subscriptions.push(options);
      for await (const batch of inner.subscribe(options)) {
        if (batch.events.length > 0 && broken(options)) throw new Error('broken');
        yield batch;
      }
    },
  });

  const append = (stream: string, ...names: string[]) => inner.append([{ stream, expected: 'any', events: names.map(event) }]);

  const listen = (categories: string[], slowly?: (events: readonly StoredEvent[]) => Promise<void>) => {
    const stop = new AbortController();
    const seen: StoredEvent[] = [];
    const batches: EventBatch[] = [];
    const done = (async () => {
      for await (const batch of tail.subscribe({ after: START, categories, signal: stop.signal })) {
        batches.push(batch);
        seen.push(...batch.events);
        await slowly?.(batch.events);
      }
    })();
    const names = (): string[] => seen.map(({ type }) => type);
    return { seen, batches, names, stop: () => (stop.abort(), done), done };
  };

  it('reads the end once for all who have caught up, and hands all of them the same events', async () => {
    await append('thing-1', 'a');
    const all = [listen(['thing']), listen(['thing', 'other']), listen([])];
    await until(() => all.every(({ seen }) => seen.length === 1));
    await append('other-1', 'b');
    await append('thing-1', 'c');
    await until(() => all.every(({ names }) => names().at(-1) === 'c'));
    expect(all.map(({ names }) => names().join(''))).toEqual(['ac', 'abc', 'abc']);
    expect(all[0]!.seen[1]).toBe(all[2]!.seen[2]);
    expect(subscriptions).toHaveLength(4); // history for each, and one for all
    await Promise.all(all.map(({ stop }) => stop()));
  });

  it('reads no category that nobody wants, and begins again for who comes and wants another', async () => {
    const things = listen(['thing']);
    await until(() => things.batches.length > 0 && subscriptions.length === 2);
    expect(subscriptions[1]!.categories).toEqual(['thing']);
    const others = listen(['other']);
    await until(() => subscriptions.some(({ categories }) => categories.join() === 'other,thing'));
    await append('thing-1', 'a');
    await append('other-1', 'b');
    await append('third-1', 'c');
    await append('thing-1', 'd');
    await until(() => things.seen.length === 2 && others.seen.length === 1);
    expect([things.names().join(''), others.names().join('')]).toEqual(['ad', 'b']);
    const reading = subscriptions.filter(({ signal }) => !signal.aborted).length;
    const third = listen(['thing']);
    await until(() => third.seen.length === 2);
    expect(subscriptions.filter(({ signal }) => !signal.aborted)).toHaveLength(reading + 1); // its history: the end is read already
    await Promise.all([things.stop(), others.stop(), third.stop()]);
  });

  it('stops reading when nobody listens any more, and begins anew for who comes then', async () => {
    const first = listen(['thing']);
    await until(() => first.batches.length > 0);
    await first.stop();
    expect(subscriptions.every(({ signal }) => signal.aborted)).toBe(true);
    await append('thing-1', 'a');
    const second = listen(['thing']);
    await until(() => second.seen.length === 1);
    await append('thing-1', 'b');
    await until(() => second.seen.length === 2);
    await second.stop();
  });

  it('lets one who is slow read for themselves, without loss or repetition, and keeps no more than some for them', async () => {
    let go: (() => void) | undefined;
    const slow = listen(['thing'], (events) => (events.some(({ type }) => type === 'wait') ? new Promise((resolve) => (go = resolve)) : Promise.resolve()));
    const quick = listen(['thing']);
    await until(() => slow.batches.length > 0 && quick.batches.length > 0);
    await append('thing-1', 'wait');
    await until(() => go !== undefined);
    const before = subscriptions.length;
    for (let n = 0; n < 5; n++) await append('thing-1', ...Array.from({ length: 400 }, (_, k) => `e${n * 400 + k}`));
    await until(() => quick.seen.length === 2001);
    expect(subscriptions).toHaveLength(before);
    go?.();
    await until(() => slow.seen.length === 2001);
    expect(slow.names()).toEqual(quick.names());
    expect(subscriptions.length).toBeGreaterThan(before);
    expect(slow.batches.every(({ events }) => events.length <= 500)).toBe(true);
    await Promise.all([slow.stop(), quick.stop()]);
  });

  it('harms nobody when it breaks: each reads for themselves, and only whom it concerns hears of it', async () => {
    const [concerned, other] = [listen(['bad']), listen(['thing'])];
    await until(() => concerned.batches.length > 0 && other.batches.length > 0);
    const failed = concerned.done.catch((error: Error) => error.message);
    broken = ({ categories }) => categories.length === 0 || categories.includes('bad');
    await append('bad-1', 'x');
    await append('thing-1', 'a');
    await until(() => other.seen.length === 1);
    expect(await failed).toBe('broken');
    await other.stop();
  });

  it('lets go of what it holds when a key is destroyed, and still nobody misses anything', async () => {
    let go: (() => void) | undefined;
    const slow = listen(['thing'], ([first]) => (first?.type === 'wait' ? new Promise((resolve) => (go = resolve)) : Promise.resolve()));
    const quick = listen(['thing']);
    await until(() => slow.batches.length > 0 && quick.batches.length > 0);
    await append('thing-1', 'wait');
    await until(() => go !== undefined);
    await append('thing-1', 'personal');
    await until(() => quick.seen.length === 2);
    tail.forget();
    go?.();
    await append('thing-1', 'after');
    await until(() => quick.seen.length === 3 && slow.seen.length === 3);
    expect(slow.seen[1]).not.toBe(quick.seen[1]); // read again
    expect(slow.names()).toEqual(['wait', 'personal', 'after']);
    await Promise.all([slow.stop(), quick.stop()]);
  });

  it('ends when the store is closed', async () => {
    const listening = listen(['thing']);
    await until(() => listening.batches.length > 0);
    await tail.close();
    await listening.done;
  });
});

const until = async (holds: () => boolean): Promise<void> => {
  for (const deadline = Date.now() + 3000; !holds(); await new Promise((resolve) => setTimeout(resolve, 2)))
    if (Date.now() > deadline) throw new Error('not in time');
};

const event = (type: string) => ({
  id: deterministicId('tail', type), type, data: {},
  metadata: { commandId: type, correlationId: type, causationId: type, actorKind: 'system' as const, actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});
