import { expect } from '@jest/globals';
import { type AnyEvent, type Decider, fold, Refusal } from '@kendt/kernel';

interface Outcome<E> {
  readonly then: (...events: readonly E[]) => void;
  readonly thenNothing: () => void;
  readonly thenRefused: (code: string) => void;
}

interface Situation<C, E> {
  readonly when: (command: C) => Outcome<E>;
}

/** A domain test as a sentence: `given(consent)(granted(1)).when(withdraw).then(withdrawn)`. */
export const given =
  <C, E extends AnyEvent, S>(decider: Decider<C, E, S>) =>
  (...history: readonly E[]): Situation<C, E> => ({
    when: (command) => {
      const decide = (): readonly E[] => decider.decide(command, fold(decider, history));
      return {
        then: (...events) => expect(decide()).toEqual(events),
        thenNothing: () => expect(decide()).toEqual([]),
        thenRefused: (code) => expect(refusalOf(decide)).toBe(code),
      };
    },
  });

const refusalOf = (decide: () => unknown): string => {
  try {
    return `not refused: ${JSON.stringify(decide())}`;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
};
