import { Refusal } from '@kendt/kernel';

/**
 * For topics that are made at the start: where the broker is away for now the process starts without it, and they are made when there is
 * something for them. A topic that is there and is not as it should be still stops the start.
 */
export const unlessAway = (error: unknown): void => {
  if (!(error instanceof Refusal && error.kind === 'busy')) throw error;
};
