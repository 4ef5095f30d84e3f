import type { ConsumeControl } from '../reading.js';

/** Closed while a consumer is paused. */
export class Gate implements ConsumeControl {
  private closed: PromiseWithResolvers<void> | undefined;

  pause(): void {
    this.closed ??= Promise.withResolvers();
  }

  resume(): void {
    this.closed?.resolve();
    this.closed = undefined;
  }

  /** Resolves when it is open, or `signal` aborts. */
  async open(signal: AbortSignal): Promise<void> {
    while (this.closed && !signal.aborted) {
      const aborted = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => aborted.resolve(), { once: true });
      await Promise.race([this.closed.promise, aborted.promise]);
    }
  }
}
