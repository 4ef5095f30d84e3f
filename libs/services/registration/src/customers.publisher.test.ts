import { describe, expect, it } from '@jest/globals';
import { customerMessages, fromMessage } from '@kendt/contracts';
import type { StoredEvent } from '@kendt/eventsourcing';
import { messagesOf } from './customers.publisher.js';

const customerId = '0192f0c1-7c2e-5b6a-9d55-2f0d4a3a6a10';
const recordedAt = '2026-03-01T12:00:00.000Z';
const event = (type: string, data: object, personal?: StoredEvent['personal']): StoredEvent => ({
  id: '0192f0c1-7c2e-5b6a-9d55-2f0d4a3a6a11',
  type,
  data,
  ...(personal && { personal }),
  stream: `customer-${customerId}`,
  revision: 7,
  position: '000042',
  metadata: { commandId: 'c', correlationId: 'c', causationId: 'c', actorKind: 'client', actorId: 'fjord-web', channel: 'web', brand: 'fjord', recordedAt, schemaVersion: '1' },
});
const told = (stored: StoredEvent): unknown[] => messagesOf(stored).map((message) => fromMessage(message, customerMessages));
const base = { customerId, at: recordedAt };

describe('what others are told of customers', () => {
  it('is ids only, with the id of the event and a sequence per customer', () => {
    const registered = event('CustomerRegistered', { kind: 'full', brandId: 'fjord', language: 'da', emailClaim: 'hash' }, { contact: { email: 'ida.holm@example.org' } });
    const [message] = messagesOf(registered);
    expect(message).toMatchObject({ topic: 'kendt.customers.v1', key: customerId, headers: { ce_id: registered.id, ce_sequence: '000000000007' } });
    expect(Buffer.from(message?.value ?? []).toString()).not.toMatch(/ida|hash|example/);
    expect(told(registered)).toEqual([expect.objectContaining({ type: 'kendt.customer.registered.v1', data: { ...base, brandId: 'fjord', channel: 'web', kind: 'full' } })]);
  });

  it.each([
    ['EmailVerified', { emailClaim: 'hash' }, 'kendt.customer.verified.v1', { what: 'email' }],
    ['ContactDetailsChanged', { emailClaim: 'hash' }, 'kendt.customer.changed.v1', {}],
    ['GuestUpgraded', { emailClaim: 'hash' }, 'kendt.customer.upgraded.v1', {}],
    ['BrandJoined', { brandId: 'lund' }, 'kendt.customer.brand-joined.v1', { brandId: 'lund' }],
    ['BrandLeft', { brandId: 'lund' }, 'kendt.customer.brand-left.v1', { brandId: 'lund' }],
    ['CustomerSuspended', { reason: 'fraud' }, 'kendt.customer.suspended.v1', {}],
    ['CustomerReinstated', {}, 'kendt.customer.reinstated.v1', {}],
    ['CustomerFrozen', { caseId: 'case-1' }, 'kendt.customer.frozen.v1', { caseId: 'case-1' }],
    ['CustomerErased', { caseId: 'case-1' }, 'kendt.customer.erased.v1', { caseId: 'case-1' }],
  ])('%s', (type, data, publicType, details) => expect(told(event(type, data))).toEqual([expect.objectContaining({ type: publicType, data: { ...base, ...details } })]));

  it.each([['RegistrationRepeated'], ['EmailVerificationRequested'], ['ExternalReferenceRecorded'], ['ExternalIdentityLinked'], ['SomethingOfTheFuture']])('is nothing of %s', (type) =>
    expect(messagesOf(event(type, { claim: 'hash' }))).toEqual([]));
});
