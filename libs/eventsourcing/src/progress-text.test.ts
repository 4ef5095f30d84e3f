import { describe, expect, it } from '@jest/globals';
import { progressText } from './progress-text.js';

describe('progressText', () => {
  it.each<[number, number | undefined, number, string]>([
    [12_000, 40_000, 2000, '12,000 of 40,000 (30 %), 6,000/s, 5 s left'],
    [40_000, 40_000, 2000, '40,000 of 40,000 (100 %), 20,000/s'],
    [0, 40_000, 0, '0 of 40,000 (0 %)'],
    [500, undefined, 1000, '500, 500/s'],
    [0, 0, 10, '0'],
  ])('tells of %d of %s after %d ms: %s', (done, of, ms, text) => {
    expect(progressText(done, of, ms)).toBe(text);
  });
});
