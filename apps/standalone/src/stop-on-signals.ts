/** A terminal's Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const sameSignalMs = 500;

/** Ctrl-C or SIGTERM: finish what is in hand, then leave. A second one, meant as such, does not wait. */
export const stopOnSignals = (close: () => Promise<void>): void => {
  let stoppingSince: number | undefined;
  const stop = (): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > sameSignalMs) process.exit(130);
      return;
    }
    stoppingSince = performance.now();
    void close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`Stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
};
