import { type PlacedMessage, placeOf } from './publisher.js';

export interface PlacedOffset extends Pick<PlacedMessage, 'topic' | 'partition'> {
  /** The next message to be read. */
  readonly offset: string;
}

const againMs = 500;

/** Commits one batch at a time; what is handled meanwhile goes with the next. What cannot be committed is tried again, or is handled again by who comes after. */
export class Commits {
  private readonly waiting = new Map<string, PlacedOffset>();
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly commit: (offsets: PlacedOffset[]) => Promise<void>) {}

  note(offset: PlacedOffset): void {
    this.waiting.set(placeOf(offset), offset);
    if (!this.timer) this.start();
  }

  /** Resolves once everything is committed that was noted, or could not be. */
  async flush(): Promise<void> {
    await this.running;
    this.start();
    await this.running;
  }

  /** What is noted of other partitions is not this member's to say any more. */
  keep(owned: (place: string) => boolean): void {
    for (const place of this.waiting.keys()) if (!owned(place)) this.waiting.delete(place);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.waiting.clear();
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.commitAll().finally(() => (this.running = undefined));
  }

  private async commitAll(): Promise<void> {
    await Promise.resolve(); // several lanes may note in one turn
    while (this.waiting.size > 0) {
      const offsets = [...this.waiting.values()];
      this.waiting.clear();
      try {
        await this.commit(offsets);
      } catch {
        for (const offset of offsets) if (!this.waiting.has(placeOf(offset))) this.waiting.set(placeOf(offset), offset);
        this.timer = setTimeout(() => this.start(), againMs);
        return;
      }
    }
  }
}
