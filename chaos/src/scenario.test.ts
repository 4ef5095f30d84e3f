import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { factsIn } from './facts.js';
import { seeded } from './scenario.js';

const some = (random: () => number): number[] => Array.from({ length: 1000 }, random);

describe('chance with a seed', () => {
  it('is the same again, and another for another seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (one, other) => {
        expect(some(seeded(one))).toEqual(some(seeded(one)));
        if (one >>> 0 !== other >>> 0) expect(some(seeded(one))).not.toEqual(some(seeded(other)));
      }),
      { numRuns: 20 },
    );
  });

  it('lies between 0 and 1, evenly enough', () => {
    const numbers = some(seeded(4));
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((number) => Math.floor(number * 10) === tenth).length);
    expect(Math.min(...tenths)).toBeGreaterThan(60);
  });
});

describe('what a child has said', () => {
  it('is read up to the line that the kill has cut', () => {
    expect(factsIn('{"is":"attempt","key":"1"}\n{"is":"acknowl')).toEqual([{ is: 'attempt', key: '1' }]);
  });
});
