import { describe, expect, it } from '@jest/globals';
import { fold } from '@kendt/kernel';
import { given } from '@kendt/testing';
import { claimsOf, type Contact, customer, type CustomerCommand, type CustomerEvent, type SuspensionReason } from './customer.js';

describe('a customer', () => {
  it('registers once', () => {
    given(customer)().when(register).then(registered);
    given(customer)(registered).when(register).thenNothing();
  });

  it('verifies the address that stands there now, and no older one', () => {
    given(customer)(registered).when(verify('claim-of-ida')).then(verified);
    given(customer)(registered, verified).when(verify('claim-of-ida')).thenNothing();
    given(customer)(registered, moved).when(verify('claim-of-ida')).thenRefused('EMAIL_CHANGED_SINCE');
  });

  it('must verify anew after a change of address', () => {
    given(customer)(registered, verified, moved).when(verify('claim-of-ida-anew')).then({ type: 'EmailVerified', data: { emailClaim: 'claim-of-ida-anew', verifiedAt: noon } });
  });

  it('whose registration was repeated before the address was confirmed must choose a password', () => {
    given(customer)(registered, repeated(noon)).when(verify('claim-of-ida')).thenRefused('VERIFICATION_NEEDS_PASSWORD');
    given(customer)(registered, repeated(noon)).when(choose()).then(verified);
    given(customer)(registered, sentAgain(noon)).when(verify('claim-of-ida')).then(verified);
    given(customer)(guest, upgraded, repeated(noon)).when(verify('claim-of-ida')).thenRefused('VERIFICATION_NEEDS_PASSWORD');
    given(customer)(registered, verified, moved, repeated(noon)).when(verify('claim-of-ida-anew')).thenRefused('VERIFICATION_NEEDS_PASSWORD');
  });

  it('whose identity was linked before the address was confirmed must choose a password, and loses every identity', () => {
    given(customer)(registered, linked).when(verify('claim-of-ida')).thenRefused('VERIFICATION_NEEDS_PASSWORD');
    given(customer)(registered, linked).when(choose()).then(unlinked, verified);
    given(customer)(registered, verified, linked, moved, repeated(noon)).when(choose('claim-of-ida-anew')).then(unlinked, verifiedAnew);
  });

  it('is not contested by what came after the confirmation, or by what it settled', () => {
    given(customer)(registered, verified, repeated(noon), linked).when(verify('claim-of-ida')).thenNothing();
    given(customer)(registered, verified, repeated(noon), linked, moved).when(verify('claim-of-ida-anew')).then(verifiedAnew);
    given(customer)(registered, repeated(noon), linked, unlinked, verified, moved).when(verify('claim-of-ida-anew')).then(verifiedAnew);
  });

  it('stays contested at an address that was left and came back to, even by way of a confirmed one', () => {
    given(customer)(registered, repeated(noon), moved, verifiedAnew, movedBack).when(verify('claim-of-ida')).thenRefused('VERIFICATION_NEEDS_PASSWORD');
  });

  it('takes no second password from the same link', () => {
    given(customer)(registered, repeated(noon), verified).when(choose()).thenRefused('EMAIL_ALREADY_VERIFIED');
    given(customer)(registered, repeated(noon), moved).when(choose()).thenRefused('EMAIL_CHANGED_SINCE');
  });

  it('is contested though the owner was told of an earlier repetition in the same hour', () => {
    given(customer)(registered, verified, repeated(noon), moved).when(repeat('2026-03-01T12:30:00.000Z')).then(repeated('2026-03-01T12:30:00.000Z'));
  });

  it('is sent the confirmation again once a minute, until it is confirmed', () => {
    given(customer)(registered).when(sendAgain(noon)).then(sentAgain(noon));
    given(customer)(registered, sentAgain(noon)).when(sendAgain('2026-03-01T12:00:59.000Z')).thenNothing();
    given(customer)(registered, sentAgain(noon)).when(sendAgain('2026-03-01T12:01:00.000Z')).then(sentAgain('2026-03-01T12:01:00.000Z'));
    given(customer)(registered, verified).when(sendAgain(noon)).thenNothing();
    given(customer)(guest).when(sendAgain(noon)).thenNothing();
  });

  it('is told of a repeated registration once an hour', () => {
    given(customer)(registered).when(repeat(noon)).then(repeated(noon));
    given(customer)(registered, repeated(noon)).when(repeat('2026-03-01T12:59:00.000Z')).thenNothing();
    given(customer)(registered, repeated(noon)).when(repeat('2026-03-01T13:00:00.000Z')).then(repeated('2026-03-01T13:00:00.000Z'));
  });

  it('joins and leaves brands, each once', () => {
    given(customer)(registered).when({ type: 'JoinBrand', at: noon, data: { brandId: 'fjord' } }).thenNothing();
    given(customer)(registered).when(joinLund).then(joinedLund);
    given(customer)(registered).when({ type: 'LeaveBrand', at: noon, data: { brandId: 'lund' } }).thenNothing();
    given(customer)(registered, joinedLund)
      .when({ type: 'LeaveBrand', at: noon, data: { brandId: 'fjord' } })
      .then({ type: 'BrandLeft', data: { brandId: 'fjord', leftAt: noon } });
  });

  it('upgrades from guest with the same id, once', () => {
    given(customer)(guest).when(upgrade).then(upgraded);
    given(customer)(registered).when(upgrade).thenRefused('CUSTOMER_NOT_GUEST');
  });

  it('links one identity per provider', () => {
    given(customer)(registered).when(link('claim-of-meta')).then(linked);
    given(customer)(registered, linked).when(link('claim-of-meta')).thenNothing();
    given(customer)(registered, linked).when(link('another')).thenRefused('IDENTITY_ALREADY_LINKED');
  });

  it('is suspended and reinstated, each once, and with another reason again', () => {
    given(customer)(registered).when(suspend('fraud')).then(suspended('fraud'));
    given(customer)(registered, suspended('fraud')).when(suspend('fraud')).thenNothing();
    given(customer)(registered, suspended('fraud')).when(suspend('abuse')).then(suspended('abuse'));
    given(customer)(registered).when(reinstate).thenNothing();
    given(customer)(registered, suspended('fraud')).when(reinstate).then(reinstated);
    given(customer)(registered, suspended('fraud'), reinstated).when(reinstate).thenNothing();
    given(customer)(registered, suspended('fraud'), reinstated).when(suspend('fraud')).then(suspended('fraud'));
    given(customer)().when(suspend('fraud')).thenRefused('CUSTOMER_NOT_FOUND');
    given(customer)().when(reinstate).thenRefused('CUSTOMER_NOT_FOUND');
  });

  it('gets nothing new while suspended', () => {
    const refused: CustomerCommand[] = [
      { type: 'ChangeContact', at: noon, data: { contact: ida, emailClaim: 'claim-of-ida', language: 'en' } },
      { type: 'UnlinkExternalIdentity', at: noon, data: { provider: 'facebook' } },
      { type: 'RecordExternalReference', at: noon, data: { systemId: 'crm', claim: 'claim-of-card', reference: 'K-1' } },
      joinLund, verify('claim-of-ida'), choose(), sendAgain(noon), link('claim-of-meta'),
    ];
    for (const command of refused) given(customer)(registered, suspended('abuse')).when(command).thenRefused('CUSTOMER_SUSPENDED');
    given(customer)(guest, suspended('abuse')).when(upgrade).thenRefused('CUSTOMER_SUSPENDED');
    given(customer)(registered, suspended('abuse'), reinstated).when(joinLund).then(joinedLund);
  });

  it('may leave a brand while suspended, for that takes back what it was allowed', () => {
    given(customer)(registered, suspended('abuse')).when({ type: 'LeaveBrand', at: noon, data: { brandId: 'fjord' } }).then({ type: 'BrandLeft', data: { brandId: 'fjord', leftAt: noon } });
  });

  it('is still contested after a suspension during which the registration was repeated', () => {
    given(customer)(registered, suspended('abuse')).when(repeat(noon)).then(repeated(noon));
    given(customer)(registered, suspended('abuse'), repeated(noon), reinstated).when(verify('claim-of-ida')).thenRefused('VERIFICATION_NEEDS_PASSWORD');
  });

  it('is after a reinstatement as if nothing had been', () => {
    expect(fold(customer, [registered, linked, suspended('other'), reinstated])).toEqual(fold(customer, [registered, linked]));
  });

  it('is erased out of a suspension, which nothing ends then', () => {
    given(customer)(registered, suspended('fraud')).when(freeze).then(frozen);
    given(customer)(registered, suspended('fraud'), frozen).when(eraseBy('case-1')).then(erased);
    given(customer)(registered, suspended('fraud'), frozen).when(reinstate).thenRefused('CUSTOMER_FROZEN');
    given(customer)(registered, frozen).when(suspend('fraud')).thenRefused('CUSTOMER_FROZEN');
    given(customer)(registered, frozen, erased).when(suspend('fraud')).thenRefused('CUSTOMER_NOT_FOUND');
    expect(claimsOf(fold(customer, [registered, suspended('fraud')]))).toEqual(['claim-of-ida']);
  });

  it('does nothing more once frozen, except to be erased by the case that froze it', () => {
    given(customer)(registered).when(freeze).then(frozen);
    given(customer)(registered, frozen).when(freeze).thenNothing();
    given(customer)(registered, frozen).when(repeat(noon)).thenRefused('CUSTOMER_FROZEN');
    given(customer)(registered).when(eraseBy('case-1')).thenRefused('CUSTOMER_NOT_FROZEN');
    given(customer)(registered, frozen).when(eraseBy('case-2')).thenRefused('CUSTOMER_NOT_FROZEN');
    given(customer)(registered, frozen).when(eraseBy('case-1')).then(erased);
  });

  it('stays erased', () => {
    given(customer)(registered, frozen, erased).when(eraseBy('case-1')).thenNothing();
    given(customer)(registered, frozen, erased).when(register).thenNothing();
    given(customer)(registered, frozen, erased).when(repeat(noon)).thenRefused('CUSTOMER_NOT_FOUND');
  });

  it('knows every identifier to give back', () => {
    const loyalty: CustomerEvent = { type: 'ExternalReferenceRecorded', data: { systemId: 'crm', claim: 'claim-of-card', recordedAt: noon }, personal: { contact: { reference: 'K-1' } } };
    expect(claimsOf(fold(customer, [registered, linked, loyalty]))).toEqual(['claim-of-ida', 'claim-of-meta', 'claim-of-card']);
    expect(claimsOf(fold(customer, [registered, frozen, erased]))).toEqual([]);
  });

  it('skips an event from the future', () => {
    const unknown = { type: 'CustomerKnighted', data: {} } as unknown as CustomerEvent;
    given(customer)(registered, unknown).when(verify('claim-of-ida')).then(verified);
  });
});

const noon = '2026-03-01T12:00:00.000Z';
const ida: Contact = { email: 'ida.holm@example.org', name: { given: 'Ida', family: 'Holm' } };

const register: CustomerCommand = {
  type: 'RegisterCustomer',
  at: noon,
  data: { kind: 'full', brandId: 'fjord', language: 'da', contact: ida, emailClaim: 'claim-of-ida' },
};
const registered: CustomerEvent = {
  type: 'CustomerRegistered',
  data: { kind: 'full', brandId: 'fjord', language: 'da', emailClaim: 'claim-of-ida', registeredAt: noon },
  personal: { contact: ida },
};
const guest: CustomerEvent = { type: 'CustomerRegistered', data: { kind: 'guest', brandId: 'fjord', language: 'da', registeredAt: noon }, personal: { contact: {} } };
const verify = (emailClaim: string): CustomerCommand => ({ type: 'VerifyEmail', at: noon, data: { emailClaim } });
const choose = (emailClaim = 'claim-of-ida'): CustomerCommand => ({ type: 'VerifyEmail', at: noon, data: { emailClaim, passwordChosen: true } });
const upgrade: CustomerCommand = { type: 'UpgradeGuest', at: noon, data: { contact: ida, emailClaim: 'claim-of-ida', language: 'da' } };
const upgraded: CustomerEvent = { type: 'GuestUpgraded', data: { emailClaim: 'claim-of-ida', language: 'da', upgradedAt: noon }, personal: { contact: ida } };
const verifiedAnew: CustomerEvent = { type: 'EmailVerified', data: { emailClaim: 'claim-of-ida-anew', verifiedAt: noon } };
const movedBack: CustomerEvent = { type: 'ContactDetailsChanged', data: { emailClaim: 'claim-of-ida', language: 'da', changedAt: noon }, personal: { contact: ida } };
const unlinked: CustomerEvent = { type: 'ExternalIdentityUnlinked', data: { provider: 'facebook', claim: 'claim-of-meta', unlinkedAt: noon } };
const verified: CustomerEvent = { type: 'EmailVerified', data: { emailClaim: 'claim-of-ida', verifiedAt: noon } };
const moved: CustomerEvent = { type: 'ContactDetailsChanged', data: { emailClaim: 'claim-of-ida-anew', language: 'da', changedAt: noon }, personal: { contact: ida } };
const sendAgain = (at: string): CustomerCommand => ({ type: 'RequestEmailVerification', at, data: {} });
const sentAgain = (requestedAt: string): CustomerEvent => ({ type: 'EmailVerificationRequested', data: { emailClaim: 'claim-of-ida', requestedAt } });
const repeat = (at: string): CustomerCommand => ({ type: 'NoteRepeatedRegistration', at, data: { brandId: 'fjord' } });
const repeated = (repeatedAt: string): CustomerEvent => ({ type: 'RegistrationRepeated', data: { brandId: 'fjord', repeatedAt } });
const joinLund: CustomerCommand = { type: 'JoinBrand', at: noon, data: { brandId: 'lund' } };
const joinedLund: CustomerEvent = { type: 'BrandJoined', data: { brandId: 'lund', joinedAt: noon } };
const link = (claim: string): CustomerCommand => ({ type: 'LinkExternalIdentity', at: noon, data: { provider: 'facebook', claim } });
const linked: CustomerEvent = { type: 'ExternalIdentityLinked', data: { provider: 'facebook', claim: 'claim-of-meta', linkedAt: noon } };
const suspend = (reason: SuspensionReason): CustomerCommand => ({ type: 'SuspendCustomer', at: noon, data: { reason } });
const suspended = (reason: SuspensionReason): CustomerEvent => ({ type: 'CustomerSuspended', data: { reason, suspendedAt: noon } });
const reinstate: CustomerCommand = { type: 'ReinstateCustomer', at: noon, data: {} };
const reinstated: CustomerEvent = { type: 'CustomerReinstated', data: { reinstatedAt: noon } };
const freeze: CustomerCommand = { type: 'FreezeCustomer', at: noon, data: { caseId: 'case-1' } };
const frozen: CustomerEvent = { type: 'CustomerFrozen', data: { caseId: 'case-1', frozenAt: noon } };
const eraseBy = (caseId: string): CustomerCommand => ({ type: 'EraseCustomer', at: noon, data: { caseId } });
const erased: CustomerEvent = { type: 'CustomerErased', data: { caseId: 'case-1', erasedAt: noon } };
