/** Wakes everybody who waits. No listener limit, and an aborted wait leaves nothing behind. */
export class Bell {
  private readonly waiting = new Set<() => void>();

  get awaited(): boolean {
    return this.waiting.size > 0;
  }

  ring(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Resolves at the next ring, or when `signal` aborts; never rejects. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
