import { type PlacedMessage, placeOf } from './publisher.js';

export interface PlacedOffset extends Pick<PlacedMessage, 'topic' | 'partition'> {
  /** The next message to be read. */
  readonly offset: string;
}

const againMs = 500;
/** From one commit to the next: each is a write for the broker, and a group that reads much would ask for nothing else. */
const pauseMs = 20;

/** Commits at once; what is handled meanwhile and soon after goes with the next. What cannot be committed is tried again, or is handled again by who comes after. */
export class Commits {
  private readonly waiting = new Map<string, PlacedOffset>();
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

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
    this.stopped = true;
    clearTimeout(this.timer);
    this.waiting.clear();
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.size > 0) this.running ??= this.commitAll();
  }

  private async commitAll(): Promise<void> {
    await Promise.resolve(); // several lanes may note in one turn
    const pause = (await this.commitOnce()) ? pauseMs : againMs;
    this.running = undefined;
    if (!this.stopped) this.timer = setTimeout(() => this.start(), pause);
  }

  private async commitOnce(): Promise<boolean> {
    const offsets = [...this.waiting.values()];
    this.waiting.clear();
    try {
      await this.commit(offsets);
      return true;
    } catch {
      for (const offset of offsets) if (!this.waiting.has(placeOf(offset))) this.waiting.set(placeOf(offset), offset);
      return false;
    }
  }
}
