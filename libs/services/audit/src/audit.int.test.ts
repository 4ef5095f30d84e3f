import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEvent, EvidenceKeys } from '@kendt/contracts';
import {
  accessStream, claim, claimStream, consent, consentStream, credential, credentialStream, customer, customerStream, erasure, erasureStream, system, systemStream,
} from '@kendt/domain';
import { type CommandContext, type Decision, decision, type EventStore, handle, randomId, readAll } from '@kendt/eventsourcing';
import { currentEvents } from '@kendt/nest';
import { startTestService, type TestService } from '@kendt/nest/testing';
import { AuditModule } from './index.js';

const officer = { clientId: 'compliance', scopes: ['audit:read'] };
const ida = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a10';
const bo = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a11';
const caseId = '0192f0c9-1111-7b6a-9d55-2f0d4a3a6a11';
const claimHash = 'a'.repeat(64);
const day = (n: number): string => `2026-03-0${n}T12:00:00.000Z`;

describe('a replay', () => {
  let service: TestService;
  let store: EventStore;
  const by = (): CommandContext => ({ commandId: randomId(), actor: { kind: 'customer', id: ida }, channel: 'web', brand: 'fjord' });
  const write = (at: string, ...decisions: Decision[]) => handle(store, decisions, by(), at);
  const register = (id: string, at: string, hash: string) => write(at,
    decision(customer, customerStream(id), { type: 'RegisterCustomer', at, data: { kind: 'full', brandId: 'fjord', language: 'da', contact: { email: 'ida.holm@example.org' }, emailClaim: hash } }),
    decision(claim, claimStream(hash), { type: 'ClaimIdentifier', at, data: { customerId: id } }),
  );

  beforeAll(async () => {
    service = await startTestService({ modules: [AuditModule] });
    store = currentEvents(service.ports);
    await write(day(1), decision(system, systemStream('crm'), { type: 'RegisterSystem', at: day(1), data: { name: 'CRM', brands: ['fjord'] } }));
    await register(ida, day(1), claimHash);
    await write(day(2), decision(consent, consentStream(ida), { type: 'GrantConsent', at: day(2), data: { brandId: 'fjord', purposeId: 'newsletter', noticeVersion: 1, currentNotice: 1, language: 'da', channel: 'web' } }));
    await write(day(2), decision(credential, credentialStream(ida), { type: 'SetPassword', at: day(2), data: { passwordHash: '$argon2id$example' } }));
    await register(bo, day(3), 'b'.repeat(64));
  });
  afterAll(() => service.close());

  const replay = async (query: string, as: object = officer): Promise<AuditEvent[]> => {
    const answer = await service.request(`/v1/audit/events?${query}`, { as });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    return (await answer.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line) as AuditEvent);
  };
  const told = (events: readonly AuditEvent[]): string[] => events.map(({ type }) => type);
  const code = async (query: string, as: object = officer): Promise<string> => {
    const answer = await service.request(`/v1/audit/events?${query}`, { as });
    return `${answer.status} ${((await answer.json()) as { code: string }).code}`;
  };

  it('tells a customer\'s story in order, over all streams, without anything personal', async () => {
    const events = await replay(`customer=${ida}`);
    expect(told(events)).toEqual(['CustomerRegistered', 'IdentifierClaimed', 'ConsentGranted', 'PasswordSet', 'CustomerDataViewed']);
    expect(events.map(({ position }) => position)).toEqual(events.map(({ position }) => position).sort());
    expect(events.flatMap(({ personal }) => personal ?? [])).toEqual([{ contact: 'present' }, { credential: 'present' }]);
    expect(events[0]).toMatchObject({ at: day(1), actor: { kind: 'customer', id: ida }, channel: 'web', brand: 'fjord' });
    expect(JSON.stringify(events)).not.toContain('ida.holm');
    expect(JSON.stringify(events)).not.toContain('argon2id');
  });

  it('records itself before it tells anything', async () => {
    const before = (await readAll(store, accessStream(ida))).length;
    await replay(`customer=${ida}&at=${day(1)}`);
    const looks = await readAll(store, accessStream(ida));
    expect(looks).toHaveLength(before + 1);
    expect(looks.at(-1)?.data).toMatchObject({ clientId: 'compliance', role: 'compliance', reason: 'audit', fields: ['history'] });
  });

  it('tells only what had been recorded by then, or since', async () => {
    expect(told(await replay(`customer=${ida}&at=${day(1)}`))).toEqual(['CustomerRegistered', 'IdentifierClaimed']);
    expect(told(await replay(`customer=${ida}&from=2026-03-02T12:00:00Z&at=2026-03-02T12:00:00Z`))).toEqual(['ConsentGranted', 'PasswordSet']);
    expect(told(await replay(`customer=${ida}&limit=1`))).toEqual(['CustomerRegistered']);
  });

  it('refuses whoever may not ask, and what it does not know', async () => {
    expect(await code(`customer=${ida}`, { scopes: ['customers:read'] })).toBe('403 SCOPE_MISSING');
    expect(await code(`customer=${ida}`, { customerId: ida, scopes: ['account'] })).toMatch(/^403/);
    expect(await code(`customer=${ida}`, { ...officer, brand: 'lund' })).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code('from=2026-03-01T00:00:00Z', { ...officer, brand: 'fjord' })).toBe('403 BRAND_TOO_NARROW');
    expect(await code('customer=0192f0c1-0000-7000-8000-000000000000')).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code('case=none')).toBe('404 ERASURE_NOT_FOUND');
    expect(await code('customer=a&personal=true')).toBe('422 BODY_INVALID');
    expect(await code('at=yesterday')).toBe('422 BODY_INVALID');
  });

  it('tells of a suspension while it lasts, and records who looks', async () => {
    await write(day(4), decision(customer, customerStream(bo), { type: 'SuspendCustomer', at: day(4), data: { reason: 'abuse' } }));
    expect((await replay(`customer=${bo}`)).slice(-2)).toMatchObject([{ type: 'CustomerSuspended', data: { reason: 'abuse' } }, { type: 'CustomerDataViewed' }]);
  });

  it('tells the erasure too, says `erased` from then on, and no more records who looks', async () => {
    const dueAt = day(9);
    const caseStream = erasureStream(caseId);
    await write(day(4), decision(erasure, caseStream, { type: 'RequestErasure', at: day(4), data: { customerId: ida, channel: 'account', dueAt } }, { type: 'ConfirmRequester', at: day(4), data: {} }),
      decision(customer, customerStream(ida), { type: 'FreezeCustomer', at: day(4), data: { caseId } }));
    await write(day(4), decision(erasure, caseStream, { type: 'IssueTasks', at: day(4), data: { tasks: [{ taskId: 't-1', systemId: 'crm', kind: 'erase', dueAt }] } }, { type: 'NoteTaskPublished', at: day(4), data: { taskId: 't-1' } }));
    for (const group of ['contact', 'credential'] as const) await service.ports.keys.destroy(ida, group);
    const { position } = await write(day(5), decision(erasure, caseStream, { type: 'RecordKeysDestroyed', at: day(5), data: { groups: ['contact', 'credential'] } }),
      decision(customer, customerStream(ida), { type: 'EraseCustomer', at: day(5), data: { caseId } }), decision(claim, claimStream(claimHash), { type: 'ReleaseIdentifier', at: day(5), data: { customerId: ida } }));
    await register(bo.replace(/11$/, '12'), day(6), claimHash); // somebody else claims the address now
    const looks = (await readAll(store, accessStream(ida))).length;
    const answer = await service.request(`/v1/audit/events?customer=${ida}`, { as: officer, headers: { 'kendt-after': position } });
    const events = (await answer.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line) as AuditEvent);
    expect(told(events).slice(-8)).toEqual(['ErasureRequested', 'RequesterConfirmed', 'CustomerFrozen', 'TaskIssued', 'TaskPublished', 'KeysDestroyed', 'CustomerErased', 'IdentifierReleased']);
    expect(events.flatMap(({ personal }) => personal ?? [])).toEqual([{ contact: 'erased' }, { credential: 'erased' }]);
    expect(events.filter(({ stream }) => stream.startsWith('claim-'))).toHaveLength(2);
    expect((await readAll(store, accessStream(ida))).length).toBe(looks);
    expect((await replay(`customer=${ida}&at=${day(2)}`)).flatMap(({ personal }) => personal ?? [])).toEqual([{ contact: 'erased' }, { credential: 'erased' }]);
  });

  it('tells one case, one system, or everything', async () => {
    expect(told(await replay(`case=${caseId}`))).toEqual(['ErasureRequested', 'RequesterConfirmed', 'TaskIssued', 'TaskPublished', 'KeysDestroyed']);
    expect(told(await replay('system=crm'))).toEqual(['SystemRegistered', 'TaskIssued']);
    expect(told(await replay(`case=${caseId}&system=crm`))).toEqual(['TaskIssued']);
    expect(await code(`case=${caseId}&customer=${bo}`)).toBe('404 ERASURE_NOT_FOUND');
    expect((await replay('')).length).toBeGreaterThan(12);
    expect(told(await replay(`from=${day(6)}&at=${day(6)}`))).toEqual(['CustomerRegistered', 'IdentifierClaimed']);
  });

  it('gives the public key of the evidence, and nothing of the private one', async () => {
    const answer = await service.request('/v1/audit/keys');
    const { keys } = (await answer.json()) as EvidenceKeys;
    expect(keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: service.secrets.evidenceKey.x, kid: service.secrets.evidenceKey.kid, use: 'sig', alg: 'EdDSA' }]);
  });
});
