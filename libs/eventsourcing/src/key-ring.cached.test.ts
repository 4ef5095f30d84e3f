import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DataGroup } from '@kendt/kernel';
import { cachedKeys } from './key-ring.cached.js';
import type { DataKey, KeyRing } from './key-ring.port.js';
import { MemoryKeyRing } from './memory/key-ring.memory.js';

describe('cachedKeys', () => {
  let now = 0;
  let ring: MemoryKeyRing;
  let reads: number;
  beforeEach(() => {
    jest.useFakeTimers();
    [now, ring, reads] = [0, new MemoryKeyRing(), 0];
  });
  afterEach(() => void jest.useRealTimers());

  /** As one behind a network: it counts who asks, and does not say when it has changed. */
  const distant = (): KeyRing => ({
    obtain: (id, group) => (reads++, ring.obtain(id, group)),
    find: (id, group) => (reads++, ring.find(id, group)),
    destroy: (id, group) => ring.destroy(id, group),
    isDestroyed: (id, group) => ring.isDestroyed(id, group),
    tombstones: () => ring.tombstones(),
    compared: () => ring.compared(),
    noteCompared: (upTo) => ring.noteCompared(upTo),
    close: () => ring.close(),
  });
  const process_ = (maxEntries?: number) => cachedKeys(distant(), { now: () => now, ...(maxEntries !== undefined && { maxEntries }) });

  it('asks once in a minute, and then again', async () => {
    const keys = process_();
    const key = await keys.obtain('ida', 'contact');
    now = 59_999;
    expect(await keys.find('ida', 'contact')).toEqual(key);
    expect(reads).toBe(1);
    now = 60_000;
    expect(keys.held('ida', 'contact')).toBeUndefined();
    expect(await keys.find('ida', 'contact')).toEqual(key);
    expect(reads).toBe(2);
  });

  it('holds no key for more than a minute, whatever it was told, also when nobody asks', async () => {
    const keys = cachedKeys(distant(), { now: () => now, maxAgeMs: 3_600_000 });
    await keys.obtain('ida', 'contact');
    now = 30_000;
    await keys.obtain('bo', 'contact');
    expect(sizeOf(keys)).toBe(2);
    now = 60_000;
    jest.advanceTimersByTime(60_000);
    expect(sizeOf(keys)).toBe(1);
    now = 90_000;
    jest.advanceTimersByTime(30_000);
    expect(sizeOf(keys)).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('holds no more keys than it may, and lets go of the oldest', async () => {
    const keys = process_(2);
    for (const customer of ['ida', 'bo', 'eva']) await keys.obtain(customer, 'contact');
    expect(['ida', 'bo', 'eva'].map((customer) => keys.held(customer, 'contact') !== undefined)).toEqual([false, true, true]);
  });

  it('forgets at once in the process that destroys, in another when it hears of it, and after a minute where it does not', async () => {
    const [here, hearing, deaf] = [process_(), process_(), process_()];
    for (const each of [here, hearing, deaf]) await each.obtain('ida', 'contact');
    await here.destroy('ida', 'contact');
    expect(await here.find('ida', 'contact')).toBeUndefined();
    hearing.forget('ida', 'contact');
    expect(await hearing.find('ida', 'contact')).toBeUndefined();
    now = 59_999;
    expect(await deaf.find('ida', 'contact')).toBeDefined();
    now = 60_000;
    expect(await deaf.find('ida', 'contact')).toBeUndefined();
  });

  it('forgets everything when the ring says that it has changed', async () => {
    const [here, there] = [cachedKeys(ring), ring];
    await here.obtain('ida', 'contact');
    await there.destroy('ida', 'contact');
    expect(here.held('ida', 'contact')).toBeUndefined();
    expect(await here.find('ida', 'contact')).toBeUndefined();
  });

  it('does not keep what was read before a destruction and arrives after it', async () => {
    const pending: (() => void)[] = [];
    const slow: KeyRing = { ...distant(), find: async (id, group) => later(await ring.find(id, group), pending) };
    const keys = cachedKeys(slow);
    await ring.obtain('ida', 'contact');
    const early = keys.find('ida', 'contact');
    while (pending.length === 0) await Promise.resolve();
    await keys.destroy('ida', 'contact');
    pending[0]!();
    await early;
    expect(keys.held('ida', 'contact')).toBeUndefined();
  });

  it('tells its listeners of every destruction, made here or heard of, also of one that failed halfway', async () => {
    const told: [string, DataGroup][] = [];
    const keys = cachedKeys({ ...distant(), destroy: async () => Promise.reject(new Error('no disk')) });
    const stop = keys.onDestroyed((...what) => told.push(what));
    await expect(keys.destroy('ida', 'contact')).rejects.toThrow('no disk');
    keys.forget('bo', 'purchases');
    stop();
    keys.forget('eva', 'contact');
    expect(told).toEqual([['ida', 'contact'], ['bo', 'purchases']]);
  });

  it('is not put around itself', () => {
    const keys = cachedKeys(ring);
    expect(cachedKeys(keys)).toBe(keys);
  });
});

const later = (key: DataKey | undefined, pending: (() => void)[]): Promise<DataKey | undefined> => new Promise((resolve) => pending.push(() => resolve(key)));

const sizeOf = (keys: object): number => (keys as { cache: { size: number } }).cache.size;
