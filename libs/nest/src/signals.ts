import type { Kendt } from './start.js';

const tenSeconds = 10_000;

/** A terminal's Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const sameSignalMs = 500;

/**
 * Ctrl-C and the orders of a process manager end the process in good order: exit code 0, or 1 when it had to be cut short.
 * A second signal, meant as such, does not wait.
 */
export const closeOnSignals = (kendt: Pick<Kendt, 'close'>, patience = tenSeconds): void => {
  let closingSince: number | undefined;
  const end = (): void => {
    if (closingSince !== undefined) {
      if (performance.now() - closingSince > sameSignalMs) process.exit(1);
      return;
    }
    closingSince = performance.now();
    setTimeout(() => process.exit(1), patience).unref();
    kendt.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
};
