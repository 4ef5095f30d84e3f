import { describe, expect, it } from '@jest/globals';
import { CertificatePayload } from '@kendt/contracts';
import type { ErasureEvent, LivingCustomer, System } from '@kendt/domain';
import { Refusal } from '@kendt/kernel';
import { certificatePayload, completedCase } from './certificate.js';

const at = '2026-03-01T12:00:00.000Z';
const dueAt = '2026-03-08T12:00:00.000Z';
const invoice = { record: 'inv-7', what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR 6(1)(c)', until: '2031-12-31' };
const issued = (systemId: string): ErasureEvent => ({ type: 'TaskIssued', data: { taskId: `task-${systemId}`, systemId, kind: 'erase', dueAt, customerId: 'ida', issuedAt: at } });
const answered = (systemId: string, outcome: 'erased' | 'retained' | 'unknown'): ErasureEvent => ({ type: 'TaskAcknowledged', data: { taskId: `task-${systemId}`, systemId, outcome, acknowledgedAt: at } });
const kept = (record: typeof invoice): ErasureEvent => ({ type: 'DataRetained', data: { ...record, taskId: 'task-erp', systemId: 'erp', retainedAt: at } });
const open: ErasureEvent[] = [
  { type: 'ErasureRequested', data: { customerId: 'ida', channel: 'web', dueAt, requestedAt: at } },
  { type: 'RequesterConfirmed', data: { customerId: 'ida', confirmedAt: at } },
  issued('crm'), issued('erp'), issued('news'),
  { type: 'KeysDestroyed', data: { customerId: 'ida', groups: ['contact', 'credential', 'purchases'], destroyedAt: at } },
  answered('crm', 'erased'), answered('news', 'unknown'), answered('erp', 'retained'), kept(invoice),
];
const completed: ErasureEvent[] = [...open, { type: 'ErasureCompleted', data: { customerId: 'ida', completedAt: at } }];

const customer: LivingCustomer = { status: 'frozen', kind: 'full', language: 'da', brands: ['fjord', 'lund'], emailClaim: 'a1', emailVerified: true, identities: { meta: 'b2' }, references: {}, caseId: 'case' };
const holding = (...what: string[]): System => ({ status: 'registered', description: { name: 'X', brands: [] }, declarations: what.map((each) => ({ what: each, basis: 'contract' })), rules: [] });
const systems = { crm: holding('contact', 'campaigns'), erp: holding('invoice', 'delivery-address'), news: holding('contact') };
const certified = (events: readonly ErasureEvent[]) => certificatePayload({ issuer: 'https://kendt.example', caseId: 'case', erasure: completedCase(events), customer, systems });

describe('a certificate', () => {
  it('says what was erased where, what was kept, and why', () => {
    const payload = certified(completed);
    expect(CertificatePayload.parse(payload)).toEqual(payload);
    expect(payload.erased).toEqual([{ where: 'crm', what: ['contact', 'campaigns'], at }, { where: 'erp', what: ['delivery-address'], at }]);
    expect(payload.retained).toEqual([{ where: 'erp', ...invoice }]);
    expect(payload.notHeld).toEqual([{ where: 'news', at }]);
    expect(payload.identifiersReleased).toBe(2);
    expect(payload.kept.map(({ group }) => group)).toEqual(['evidence']);
  });

  it('is not there before the end', () => {
    expect(() => certified(open)).toThrow(Refusal);
    expect(() => certified([])).toThrow('The certificate is there once every system has answered');
  });

  it('stays what it was, whatever happens later', () => {
    const later: ErasureEvent[] = [{ type: 'RetentionEnded', data: { systemId: 'erp', records: ['inv-7'], endedAt: at } }, kept({ ...invoice, until: '2033-12-31' })];
    expect(certified([...completed, ...later])).toEqual(certified(completed));
  });
});
