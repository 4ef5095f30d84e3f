import { pragma, type SqliteConnection } from './sqlite-file.js';

export interface ChangesOptions {
  readonly everyMs: number;
  /** Whether waiting keeps the process alive: yes for a consumer, no for a subscription inside a server. */
  readonly keepAlive: boolean;
}

/**
 * Wakes those who wait for a commit: at once for this process, and for others by looking at `PRAGMA data_version`,
 * which changes with every commit of another connection, while somebody waits.
 *
 * Nothing is missed between reading and waiting when both happen in the same tick, or with a `mark` from before reading.
 */
export class Changes {
  private readonly waiting = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;
  private version: number;
  private count = 0;

  constructor(
    private readonly connection: SqliteConnection,
    private readonly options: ChangesOptions,
  ) {
    this.version = pragma(connection, 'data_version');
  }

  ring(): void {
    this.count++;
    for (const wake of [...this.waiting]) wake();
  }

  mark(): number {
    this.moved();
    return this.count;
  }

  /** Resolves at the next change, or the first after `since`; when `signal` aborts; after `timeoutMs`. Never rejects. */
  wait(signal: AbortSignal, timeoutMs?: number, since = this.count): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.mark() !== since) return resolve();
      const wake = (): void => {
        clearTimeout(timeout);
        signal.removeEventListener('abort', wake);
        this.waiting.delete(wake);
        if (this.waiting.size === 0) this.stopLooking();
        resolve();
      };
      const timeout = timeoutMs === undefined ? undefined : setTimeout(wake, timeoutMs);
      signal.addEventListener('abort', wake);
      this.waiting.add(wake);
      this.startLooking();
    });
  }

  private moved(): void {
    const version = pragma(this.connection, 'data_version');
    if (version === this.version) return;
    this.version = version;
    this.ring();
  }

  private startLooking(): void {
    this.timer ??= setInterval(() => this.moved(), this.options.everyMs);
    if (!this.options.keepAlive) this.timer.unref();
  }

  private stopLooking(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
