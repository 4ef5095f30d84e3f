import { Refusal } from '@kendt/kernel';
import type { Reason } from './set-aside.js';

/** `none`: it is wrong, and stays so. `endless`: not this message is wrong, but the house is on fire. */
export type Patience = 'none' | 'short' | 'long' | 'endless';

export interface Failure extends Reason {
  readonly patience: Patience;
  /** The message says something that its sender has no right to say. */
  readonly forbidden: boolean;
}

/**
 * What is needed is away or full just now, and comes back. One event that this process is too old to read is answered with
 * `busy` as well, but it is that event's own trouble, and need not hold up others.
 */
export const isAway = (error: unknown): boolean => error instanceof Refusal && error.kind === 'busy' && error.code !== 'EVENT_TOO_NEW';

/** `mayCome`: codes of refusals that time may mend, such as a customer who is not known yet. */
export const failureOf = (error: unknown, mayCome: readonly string[] = []): Failure => {
  if (!(error instanceof Refusal)) return { code: 'HANDLING_FAILED', error: error instanceof Error ? error.name : 'unknown', patience: 'long', forbidden: false };
  const { code, kind } = error;
  return { code, patience: isAway(error) ? 'endless' : kind === 'busy' || code === 'CONCURRENT_CHANGE' ? 'long' : mayCome.includes(code) ? 'short' : 'none', forbidden: kind === 'forbidden' };
};
