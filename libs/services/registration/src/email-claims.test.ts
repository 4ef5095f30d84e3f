import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Claim, claimStream, customer, customerStream } from '@kendt/domain';
import { decision, handle, keyedLookup, MemoryEventStore, randomId, readAll } from '@kendt/eventsourcing';
import { EmailClaims } from './email-claims.js';

const at = '2026-03-01T12:00:00.000Z';
const actor = { kind: 'client', id: 'fjord-web' } as const;

describe('the claim of an address', () => {
  let store: MemoryEventStore;
  let claims: EmailClaims;
  beforeEach(() => {
    store = new MemoryEventStore();
    claims = new EmailClaims(store, keyedLookup(Buffer.alloc(32, 1)));
  });
  const register = (email: string, customerId = randomId()): Promise<void> => {
    const emailClaim = claims.of(email);
    const data = { kind: 'full', brandId: 'fjord', language: 'da', contact: {}, emailClaim } as const;
    const decisions = [decision(customer, customerStream(customerId), { type: 'RegisterCustomer', at, data })];
    return claims.claimOrTell({ emailClaim, customerId, brandId: 'fjord', decisions, context: { commandId: randomId(), actor }, at });
  };
  const types = async (stream: string): Promise<string[]> => (await readAll(store, stream)).map(({ type }) => type);

  it('is the same in every spelling', () => {
    expect(new Set(['ida@example.org', ' IDA@Example.org', 'ida@example.org\t'].map((email) => claims.of(email))).size).toBe(1);
    expect(claims.of('ida@example.org')).not.toBe(claims.of('idb@example.org'));
  });

  it('goes to one of 1,000 at the very same moment; the owner is told once, and nobody is refused', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => register('ida@example.org')));
    const [claimed, ...more] = await readAll(store, claimStream(claims.of('ida@example.org')));
    expect(more).toEqual([]);
    const { customerId } = claimed?.data as Extract<Claim, { status: 'held' }>;
    expect(await types(customerStream(customerId))).toEqual(['CustomerRegistered', 'RegistrationRepeated']);
  });

  it('stays with an owner who is being erased, and nobody learns of it', async () => {
    await register('ida@example.org', 'ida');
    const context = { commandId: randomId(), actor };
    await handle(store, [decision(customer, customerStream('ida'), { type: 'FreezeCustomer', at, data: { caseId: 'case-1' } })], context, at);
    await register('ida@example.org', 'bo');
    expect(await types(customerStream('bo'))).toEqual([]);
  });

  it('ends busy rather than wrong when an owner is gone but the claim still stands', async () => {
    await register('ida@example.org', 'ida');
    for (const data of [{ type: 'FreezeCustomer' }, { type: 'EraseCustomer' }] as const)
      await handle(store, [decision(customer, customerStream('ida'), { ...data, at, data: { caseId: 'case-1' } })], { commandId: randomId(), actor }, at);
    await expect(register('ida@example.org', 'bo')).rejects.toMatchObject({ code: 'STORE_BUSY', kind: 'busy' });
  });
});
