import type { DataKey } from '@kendt/eventsourcing';

const maxEntries = 10_000;
const maxAgeMs = 60_000;

interface Entry {
  readonly key: DataKey;
  readonly until: number;
}

/** Unwrapped keys for a minute at most; all forgotten as soon as another process has changed the file: it may have destroyed one. */
export class KeyCache {
  private readonly entries = new Map<string, Entry>();
  private version: number;

  constructor(private readonly versionNow: () => number) {
    this.version = versionNow();
  }

  get(place: string): DataKey | undefined {
    this.follow();
    const entry = this.entries.get(place);
    if (!entry) return undefined;
    if (entry.until > performance.now()) return entry.key.slice();
    this.forget(place, entry);
    return undefined;
  }

  put(place: string, key: DataKey): void {
    const [oldest] = this.entries;
    if (this.entries.size >= maxEntries && oldest) this.forget(...oldest);
    this.entries.set(place, { key: key.slice(), until: performance.now() + maxAgeMs });
  }

  clear(): void {
    for (const [place, entry] of this.entries) this.forget(place, entry);
  }

  private follow(): void {
    const version = this.versionNow();
    if (version === this.version) return;
    this.version = version;
    this.clear();
  }

  private forget(place: string, { key }: Entry): void {
    key.fill(0);
    this.entries.delete(place);
  }
}
