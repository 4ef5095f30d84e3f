import type { KeyObject } from 'node:crypto';

/** A data key, or that it was destroyed: then it never comes again. A KeyObject, because nobody can overwrite it while another seals with it. */
export type HeldKey = KeyObject | 'destroyed';

export interface KeyCacheOptions {
  readonly maxEntries?: number;
  /** Never above a minute: that is the promise where no event tells of a destruction. */
  readonly maxAgeMs?: number;
  /** Milliseconds that only go forward. */
  readonly now?: () => number;
}

interface Entry {
  readonly key: HeldKey;
  readonly until: number;
}

const longestMs = 60_000;

/** Bounded in size and age: what is too old is gone, not only no longer given. */
export class KeyCache {
  private readonly entries = new Map<string, Entry>();
  private readonly maxEntries: number;
  private readonly maxAgeMs: number;
  private readonly now: () => number;
  private sweep: NodeJS.Timeout | undefined;

  constructor({ maxEntries = 10_000, maxAgeMs = longestMs, now = () => performance.now() }: KeyCacheOptions = {}) {
    this.maxEntries = maxEntries;
    this.maxAgeMs = Math.min(maxAgeMs, longestMs);
    this.now = now;
  }

  get size(): number {
    return this.entries.size;
  }

  get(place: string): HeldKey | undefined {
    const entry = this.entries.get(place);
    if (!entry || entry.until > this.now()) return entry?.key;
    this.entries.delete(place);
    return undefined;
  }

  put(place: string, key: HeldKey): void {
    if (this.maxEntries === 0) return;
    this.entries.delete(place); // the map is in the order of age
    if (this.entries.size >= this.maxEntries) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(place, { key, until: this.now() + this.maxAgeMs });
    this.sweep ??= setTimeout(() => this.removeOld(), this.maxAgeMs).unref();
  }

  forget(place: string): void {
    this.entries.delete(place);
  }

  clear(): void {
    this.entries.clear();
    clearTimeout(this.sweep);
    this.sweep = undefined;
  }

  private removeOld(): void {
    this.sweep = undefined;
    const now = this.now();
    for (const [place, { until }] of this.entries) {
      if (until > now) break;
      this.entries.delete(place);
    }
    const [oldest] = this.entries.values();
    if (oldest) this.sweep = setTimeout(() => this.removeOld(), Math.max(oldest.until - now, 1)).unref();
  }
}
