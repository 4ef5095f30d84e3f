import { describe, expect, it } from '@jest/globals';
import { RateLimits } from './rate-limits.js';

describe('rate limits', () => {
  it('let a burst through, then as many as the minute allows', () => {
    let now = 0;
    const limits = new RateLimits(() => new Date(now));
    const take = (value = 'a'): number => limits.take('login', value, 6);
    expect([1, 2, 3, 4, 5, 6].map(() => take())).toEqual([0, 0, 0, 0, 0, 0]);
    expect(take()).toBe(10);
    expect(take('b')).toBe(0);
    now += 9000;
    expect(take()).toBe(1);
    now += 1000;
    expect([take(), take()]).toEqual([0, 10]);
  });

  it('give nothing back to a clock that goes backwards', () => {
    let now = 60_000;
    const limits = new RateLimits(() => new Date(now));
    limits.take('login', 'a', 1);
    now = 0;
    expect(limits.take('login', 'a', 1)).toBeGreaterThan(0);
  });
});
