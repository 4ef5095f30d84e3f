import { describe, expect, it } from '@jest/globals';
import { oneMonthAfter, retentionOverAt } from './deadlines.js';

describe('a deadline', () => {
  it('is the same date of the next month, or its last day', () => {
    expect(oneMonthAfter('2026-03-01T12:00:00.000Z')).toBe('2026-04-01T12:00:00.000Z');
    expect(oneMonthAfter('2026-01-31T12:00:00.000Z')).toBe('2026-02-28T12:00:00.000Z');
    expect(oneMonthAfter('2028-01-30T23:59:59.999Z')).toBe('2028-02-29T23:59:59.999Z');
    expect(oneMonthAfter('2026-12-31T00:00:00.000Z')).toBe('2027-01-31T00:00:00.000Z');
  });

  it('leaves a retained record its last day', () => {
    expect(retentionOverAt('2031-12-31')).toBe('2032-01-01T00:00:00.000Z');
  });
});
