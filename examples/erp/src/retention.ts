/** Bogføringsloven § 12 (the Danish bookkeeping act): records are kept five years from the end of the financial year. */
export const law = 'bogføringsloven § 12';
/** The lawful basis that an authority reads: a legal obligation. */
export const basis = 'GDPR art. 6(1)(c)';
const years = 5;

/**
 * The last day that a record of `date` is kept. Both are ISO 8601 dates; `financialYearEnd` is MM-DD.
 * The clock runs from the end of the financial year in which the record falls, not from the record.
 */
export const keptUntil = (date: string, financialYearEnd = '12-31'): string => {
  const year = Number(date.slice(0, 4));
  const ends = date <= lastDayOf(year, financialYearEnd) ? year : year + 1;
  return lastDayOf(ends + years, financialYearEnd);
};

/** A financial year that ends in February ends on the 28th or the 29th. */
const lastDayOf = (year: number, financialYearEnd: string): string => {
  if (!/^02-2[89]$/.test(financialYearEnd)) return `${year}-${financialYearEnd}`;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return `${year}-02-${isLeap ? 29 : 28}`;
};

/** Kept through its last day. UTC days end after Danish ones, so this is never early. */
export const isProtected = (until: string, today: string): boolean => today <= until;
