import { describe, expect, it } from '@jest/globals';
import type { CustomerEvent } from '@kendt/domain';
import type { Lookup } from '@kendt/eventsourcing';
import { fold } from '@kendt/kernel';
import { type CustomerDocument, withEvent } from './customer.document.js';
import { customerIndexes } from './customers.projection.js';
import { documentOf, toldCustomer } from './told-customer.js';

const at = '2026-03-01T09:30:00.000Z';
const lookup: Lookup = (kind, value) => `<${kind} ${value}>`;
const contact = { email: ' Ida.Holm@Example.org', phone: '+45 20 12 34 56', name: { given: 'Ida', family: 'Holm' } };
const registered: CustomerEvent = { type: 'CustomerRegistered', data: { kind: 'full', brandId: 'fjord', language: 'da', emailClaim: 'claim-1', registeredAt: at }, personal: { contact } };
const joined: CustomerEvent = { type: 'BrandJoined', data: { brandId: 'lund', joinedAt: at } };
const left: CustomerEvent = { type: 'BrandLeft', data: { brandId: 'fjord', leftAt: at } };
const verified: CustomerEvent = { type: 'EmailVerified', data: { emailClaim: 'claim-1', verifiedAt: at } };
const numbered: CustomerEvent = { type: 'ExternalReferenceRecorded', data: { systemId: 'loyalty', claim: '<loyalty 7>', recordedAt: at }, personal: { contact: { reference: '7' } } };
const crm: CustomerEvent = { type: 'ExternalReferenceRecorded', data: { systemId: 'crm', claim: '<external 8>', recordedAt: at }, personal: { contact: { reference: '8' } } };
const changed: CustomerEvent = { type: 'ContactDetailsChanged', data: { emailClaim: 'claim-2', language: 'en', changedAt: at }, personal: { contact: { email: 'i@example.org' } } };
const frozen: CustomerEvent = { type: 'CustomerFrozen', data: { caseId: 'case-1', frozenAt: at } };
const erased: CustomerEvent = { type: 'CustomerErased', data: { caseId: 'case-1', erasedAt: at } };

const after = (...events: CustomerEvent[]): CustomerDocument | undefined =>
  events.reduce<CustomerDocument | undefined>((before, event) => withEvent('ida', event, lookup, before), undefined);
const keys = (document: CustomerDocument | undefined) => document && Object.fromEntries(Object.entries(customerIndexes).map(([name, index]) => [name, index(document)]));

describe('the document of a customer', () => {
  it('holds what is known, and keyed hashes of what can be looked for', () => {
    expect(after(registered, verified, joined)).toMatchObject({
      customerId: 'ida', status: 'active', kind: 'full', language: 'da', brands: ['fjord', 'lund'], emailVerified: true, contact,
      emailHash: '<email ida.holm@example.org>', phoneHash: '<phone +4520123456>',
    });
  });

  it('is found per brand, and in no brand that was left', () => {
    expect(keys(after(registered, joined, numbered, crm))).toEqual({
      email: ['fjord:<email ida.holm@example.org>', 'lund:<email ida.holm@example.org>'],
      phone: ['fjord:<phone +4520123456>', 'lund:<phone +4520123456>'],
      loyalty: ['fjord:<loyalty 7>', 'lund:<loyalty 7>'],
    });
    expect(keys(after(registered, joined, left))?.['email']).toEqual(['lund:<email ida.holm@example.org>']);
  });

  it('forgets old details when they change', () => {
    const document = after(registered, verified, changed);
    expect(document).toMatchObject({ contact: { email: 'i@example.org' }, language: 'en', emailVerified: false, emailHash: '<email i@example.org>' });
    expect(document).not.toHaveProperty('phoneHash');
    expect(JSON.stringify(document)).not.toMatch(/Holm/);
  });

  it('lives without details whose key is gone', () => {
    const document = after({ ...registered, personal: { contact: 'erased' } }, verified);
    expect(document).toMatchObject({ customerId: 'ida', emailVerified: true });
    expect(keys(document)).toEqual({ email: undefined, phone: undefined, loyalty: undefined });
    expect(document).not.toHaveProperty('contact');
  });

  it('is gone with the customer, and what comes late does not bring it back', () => {
    expect(after(registered, frozen)).toMatchObject({ status: 'frozen' });
    expect(after(registered, frozen, erased)).toBeUndefined();
    expect(after(registered, frozen, erased, verified, changed)).toBeUndefined();
  });
});

describe('what brands are told from', () => {
  const told = (...events: readonly CustomerEvent[]) => fold(toldCustomer, events);

  it('is the customer with the details, and every brand that was ever joined, once', () => {
    const now = told(registered, joined, left, { ...joined, data: { brandId: 'fjord', joinedAt: at } });
    expect(now.brandsEver).toEqual(['fjord', 'lund']);
    expect(documentOf('ida', now)).toMatchObject({ customerId: 'ida', status: 'active', contact, brands: ['lund', 'fjord'] });
  });

  it('is nobody once the customer is erased, but the brands are still known', () => {
    const gone = told(registered, joined, frozen, erased, changed);
    expect([documentOf('ida', gone), gone.brandsEver]).toEqual([undefined, ['fjord', 'lund']]);
    expect(JSON.stringify(gone)).not.toContain('Example.org');
  });
});
