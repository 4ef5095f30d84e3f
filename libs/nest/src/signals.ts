import type { Kendt } from './start.js';

const patience = 10_000;

/** Ctrl-C and the orders of a process manager end the process in good order: exit code 0, or 1 when it had to be cut short. */
export const closeOnSignals = (kendt: Pick<Kendt, 'close'>): void => {
  const end = (): void => {
    setTimeout(() => process.exit(1), patience).unref();
    kendt.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
};
