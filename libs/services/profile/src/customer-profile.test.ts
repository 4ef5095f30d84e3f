import { describe, expect, it } from '@jest/globals';
import type { ConsentEvent } from '@kendt/domain';
import { consentsTowards, fieldsShown, profileOf, theOne } from './customer-profile.js';
import type { CustomerDocument } from './customer.document.js';
import { newestFirst } from './newest-first.js';
import { nextLink } from './next-link.js';
import { isLook } from './viewing.js';

const at = '2026-03-01T09:30:00.000Z';
const ida: CustomerDocument = { customerId: 'ida', status: 'active', kind: 'full', language: 'da', brands: ['fjord', 'lund'], emailVerified: true, identities: { facebook: 'x' }, references: { crm: 'y' }, contact: { email: 'ida.holm@example.org' } };
const guest: CustomerDocument = { ...ida, customerId: 'guest', kind: 'guest' };
const granted = (brandId: string, purposeId: string): ConsentEvent => ({ type: 'ConsentGranted', data: { brandId, purposeId, noticeVersion: 2, language: 'da', channel: 'web', grantedAt: at } });
const withdrawn: ConsentEvent = { type: 'ConsentWithdrawn', data: { brandId: 'fjord', purposeId: 'newsletter', channel: 'web', withdrawnAt: at } };

const codeOf = (ask: () => unknown): unknown => {
  try {
    return ask();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('what a brand may see', () => {
  it('is the customer, and neither other brands nor identities nor references', () => {
    expect(profileOf(ida, 'fjord', [])).toEqual({ customerId: 'ida', brandId: 'fjord', kind: 'full', language: 'da', emailVerified: true, email: 'ida.holm@example.org', consents: [] });
  });

  it('are its own consents as they were last answered', () => {
    expect(consentsTowards('fjord', [granted('fjord', 'newsletter'), granted('lund', 'personal-offers'), withdrawn])).toEqual([{ purposeId: 'newsletter', state: 'withdrawn', noticeVersion: 2, at }]);
    expect(consentsTowards('fjord', [withdrawn, { type: 'ConsentDelegated', data: { brandId: 'fjord' } } as never])).toEqual([]);
  });

  it('is named in the record by the fields that had something in them', () => {
    expect(fieldsShown(profileOf(ida, 'fjord', []))).toEqual(['kind', 'email', 'emailVerified', 'language', 'consents']);
  });
});

describe('whom a look-up means', () => {
  it('is the one, or the full one among guests, or nobody at all', () => {
    expect(theOne([guest])).toBe(guest);
    expect(theOne([guest, ida, { ...guest, customerId: 'other' }])).toBe(ida);
    expect(codeOf(() => theOne([guest, { ...guest, customerId: 'other' }]))).toBe('CUSTOMER_AMBIGUOUS');
    expect(codeOf(() => theOne([]))).toBe('CUSTOMER_NOT_FOUND');
  });
});

describe('what counts as a look', () => {
  it.each([['till', true], ['support', true], ['crm', true], ['unknown', true], ['web', false], ['app', false], ['account', false]])('%s: %s', (role, look) => {
    expect(isLook({ kind: 'client', clientId: 'x', scopes: [] }, role)).toBe(look);
    expect(isLook({ kind: 'customer', customerId: 'ida', clientId: 'x', scopes: [] }, role)).toBe(false);
  });
});

describe('pages', () => {
  it('put the latest first', () => {
    const times = ['2026-03-01T09:30:00Z', '1969-12-31T23:59:59Z', '2026-03-01T09:30:00.001Z', '9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z'];
    expect(times.toSorted((a, b) => (newestFirst(a) < newestFirst(b) ? -1 : 1))).toEqual(['9999-12-31T23:59:59Z', '2026-03-01T09:30:00.001Z', '2026-03-01T09:30:00Z', '1969-12-31T23:59:59Z', '0001-01-01T00:00:00Z']);
  });

  it('link to the next with everything that was asked', () => {
    expect(nextLink('/v1/customers/me/accesses?limit=2&cursor=old', 'new')).toBe('</v1/customers/me/accesses?limit=2&cursor=new>; rel="next"');
  });
});
