import { createSecretKey } from 'node:crypto';
import type { DataGroup } from '@kendt/kernel';
import { type HeldKey, KeyCache, type KeyCacheOptions } from './key-cache.js';
import type { Compared, DataKey, KeyRing, Tombstone } from './key-ring.port.js';
import { placeOf } from './key-wrapper.js';

export type DestroyedListener = (customerId: string, group: DataGroup) => void;

/** The ring itself when it is one that caches already. */
export const cachedKeys = (ring: KeyRing, options?: KeyCacheOptions): CachedKeyRing => (ring instanceof CachedKeyRing ? ring : new CachedKeyRing(ring, options));

/**
 * Holds keys in memory for a minute at most, above any key ring. They are forgotten at once when this process destroys
 * one, when the ring says that it has changed, and when somebody calls `forget` because an event tells of a destruction
 * elsewhere; in no case later than a minute after they were read.
 */
export class CachedKeyRing implements KeyRing {
  private readonly cache: KeyCache;
  private readonly listeners = new Set<DestroyedListener>();
  /** Keys that were wanted since the start, and whether they were at hand. */
  readonly wanted = { hit: 0, miss: 0 };
  private readonly ofPlace = (place: string): HeldKey | undefined => {
    const key = this.cache.get(place);
    if (key) this.wanted.hit++;
    return key;
  };
  private version: number | undefined;
  /** What is being read while something is forgotten may be what was forgotten: it is not kept. */
  private forgotten = 0;

  constructor(
    private readonly ring: KeyRing,
    options?: KeyCacheOptions,
  ) {
    this.cache = new KeyCache(options);
    this.version = ring.changed?.();
  }

  /** Told of each destruction that this process makes or hears of: whoever keeps something that was opened drops it. Gives its undoing. */
  onDestroyed(listener: DestroyedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The key when it is at hand, without waiting. `undefined` says nothing. */
  held(customerId: string, group: DataGroup): HeldKey | undefined {
    return this.atHand()(placeOf(customerId, group));
  }

  /** What is at hand at this moment, by place: for many at once. Do not wait between the calls. */
  atHand(): (place: string) => HeldKey | undefined {
    this.follow();
    return this.ofPlace;
  }

  /** As `find`, told apart: `undefined` is a key that was never made here. */
  async findKey(customerId: string, group: DataGroup): Promise<HeldKey | undefined> {
    return this.held(customerId, group) ?? this.load(customerId, group, () => this.ring.find(customerId, group));
  }

  async obtainKey(customerId: string, group: DataGroup): Promise<HeldKey> {
    return this.held(customerId, group) ?? (await this.load(customerId, group, () => this.ring.obtain(customerId, group))) ?? 'destroyed';
  }

  async obtain(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    return bytesOf(await this.obtainKey(customerId, group));
  }

  async find(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    return bytesOf(await this.findKey(customerId, group));
  }

  async destroy(customerId: string, group: DataGroup): Promise<void> {
    this.drop(customerId, group);
    try {
      await this.ring.destroy(customerId, group);
    } finally {
      this.forget(customerId, group); // also where it failed: it may have been destroyed all the same
    }
  }

  /** The key was destroyed, here or elsewhere. */
  forget(customerId: string, group: DataGroup): void {
    this.drop(customerId, group);
    for (const listener of this.listeners) listener(customerId, group);
  }

  /** Asks the ring again next time; says nothing about a destruction. */
  drop(customerId: string, group: DataGroup): void {
    this.forgotten++;
    this.cache.forget(placeOf(customerId, group));
  }

  isDestroyed(customerId: string, group: DataGroup): Promise<boolean> {
    return this.ring.isDestroyed(customerId, group);
  }

  tombstones(): AsyncIterable<Tombstone> {
    return this.ring.tombstones();
  }

  compared(): Promise<Compared | undefined> {
    return this.ring.compared();
  }

  noteCompared(upTo: Compared): Promise<void> {
    return this.ring.noteCompared(upTo);
  }

  async close(): Promise<void> {
    this.cache.clear();
    await this.ring.close();
  }

  private async load(customerId: string, group: DataGroup, read: () => Promise<DataKey | undefined>): Promise<HeldKey | undefined> {
    this.wanted.miss++;
    const before = this.forgotten;
    const key = await read();
    const held = key ? toKeyObject(key) : (await this.ring.isDestroyed(customerId, group)) ? 'destroyed' : undefined;
    this.follow();
    if (held && before === this.forgotten) this.cache.put(placeOf(customerId, group), held);
    return held;
  }

  private follow(): void {
    const version = this.ring.changed?.();
    if (version === this.version) return;
    this.version = version;
    this.forgotten++;
    this.cache.clear();
  }
}

const toKeyObject = (key: DataKey): HeldKey => {
  const held = createSecretKey(key);
  key.fill(0);
  return held;
};

const bytesOf = (key: HeldKey | undefined): DataKey | undefined => (key === undefined || key === 'destroyed' ? undefined : new Uint8Array(key.export()));
