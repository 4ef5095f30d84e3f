import { describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '@kendt/contracts';
import type {
  AccessEvent, ClaimEvent, ConsentEvent, CredentialEvent, CustomerEvent, ErasureEvent, HoldingsEvent, LoginEvent, PurchasesEvent, SystemEvent,
} from '@kendt/domain';
import { sentence, toldTypes } from './sentences.js';

type Told = (AccessEvent | ClaimEvent | ConsentEvent | CredentialEvent | CustomerEvent | ErasureEvent | HoldingsEvent | LoginEvent | PurchasesEvent | SystemEvent)['type'];

/** The compiler asks for every event of a customer's story here, and the test for its sentence. */
const all: Readonly<Record<Told, true>> = {
  CustomerDataViewed: true, IdentifierClaimed: true, IdentifierReleased: true, ConsentGranted: true, ConsentRefused: true, ConsentWithdrawn: true, PasswordSet: true,
  CredentialsLocked: true, CredentialsUnlocked: true, CredentialsDestroyed: true, CustomerRegistered: true, RegistrationRepeated: true, EmailVerified: true, EmailVerificationRequested: true,
  ContactDetailsChanged: true, GuestUpgraded: true, BrandJoined: true, BrandLeft: true, ExternalIdentityLinked: true, ExternalIdentityUnlinked: true,
  ExternalReferenceRecorded: true, CustomerSuspended: true, CustomerReinstated: true, CustomerFrozen: true, CustomerErased: true, ErasureRequested: true, RequesterConfirmed: true, ErasureRefused: true, TaskIssued: true,
  TaskPublished: true, TaskAcknowledged: true, DataRetained: true, TaskFailed: true, TaskOverdue: true, DeadlineExtended: true, KeysDestroyed: true, ErasureCompleted: true,
  RetentionEnded: true, RetainedDataErased: true, HoldingReported: true, HoldingEnded: true, LoginSucceeded: true, LoginFailed: true, SessionsRevoked: true,
  PurchaseRecorded: true, PurchasesForgotten: true, SystemRegistered: true, DataDeclared: true, RetentionRuleSet: true, SystemRetired: true, SystemMessageRefused: true,
};

describe('a sentence', () => {
  it('exists for every event of a story', () => {
    expect(Object.keys(all).filter((type) => !toldTypes.includes(type))).toEqual([]);
  });

  it('is made from what the event says, and survives what it does not', () => {
    const told = (type: string, data: object, actor = 'erasure'): string => sentence({ type, data, actor: { kind: 'system', id: actor } } as AuditEvent);
    expect(told('ConsentGranted', { purposeId: 'newsletter', brandId: 'fjord', noticeVersion: 1 })).toBe('Said yes to newsletter of fjord, notice 1');
    expect(told('TaskIssued', {})).toBe('? is asked to erase, by ?');
    expect(told('PasskeyRegistered', {})).toBe('Passkey registered');
    expect([told('RequesterConfirmed', {}), told('RequesterConfirmed', {}, 'restore')]).toEqual(['The customer confirmed the erasure', 'No confirmation is needed: the customer had confirmed the erasure']);
    expect(told('TaskIssued', { systemId: 'crm', dueAt: '2026-03-08' }, 'restore')).toBe('crm is asked to erase, by 2026-03-08');
  });
});
