import { describe, expect, it } from '@jest/globals';
import { isProtected, keptUntil } from './retention.js';

describe('bogføringsloven § 12: five years from the end of the financial year', () => {
  it.each([
    ['2026-01-01', '2031-12-31'],
    ['2026-03-01', '2031-12-31'],
    ['2026-12-31', '2031-12-31'],
    ['2027-01-01', '2032-12-31'],
    ['2024-02-29', '2029-12-31'],
  ])('a record of %s is kept until %s', (date, until) => {
    expect(keptUntil(date)).toBe(until);
  });

  it.each([
    ['2026-06-30', '06-30', '2031-06-30'],
    ['2026-07-01', '06-30', '2032-06-30'],
    ['2026-02-28', '02-28', '2031-02-28'],
    ['2024-02-29', '02-28', '2029-02-28'],
    ['2024-02-29', '02-29', '2029-02-28'],
    ['2023-02-28', '02-28', '2028-02-29'],
  ])('a record of %s in a year that ends %s is kept until %s', (date, financialYearEnd, until) => {
    expect(keptUntil(date, financialYearEnd)).toBe(until);
  });

  it('protects through the last day and not a day longer', () => {
    expect(isProtected('2031-12-31', '2031-12-31')).toBe(true);
    expect(isProtected('2031-12-31', '2032-01-01')).toBe(false);
  });
});
