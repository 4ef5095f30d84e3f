import { describe, expect, it } from '@jest/globals';
import { isMet, median, percentile } from './bench.js';

describe('figures', () => {
  it('have a median, also of an even number', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it('have percentiles by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 50, 99, 100]);
  });

  it.each<[string, number, number | undefined, boolean | undefined]>([
    ['>= 0.8', 1, 0.79, false], ['>= 0.8', 1, 0.8, true], ['<= 5', 9, 4, true], ['< 250', 249, undefined, true], ['< 250', 250, undefined, false],
    ['>= 20,000', 20_000, undefined, true], ['< 250 ms', 249, 300, true], ['fast', 1, 1, undefined],
  ])('meet the goal %s with value %d and ratio %s: %s', (goal, value, ratio, met) => {
    expect(isMet({ case: 'x', value, unit: 's', goal, ...(ratio !== undefined && { ratio }) })).toBe(met);
  });
});
