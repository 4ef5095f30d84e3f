import { describe, expect, it } from '@jest/globals';
import { loadSync } from '@grpc/proto-loader';
import { AnswerConsent } from './consent.schema.js';
import { FindRequest, RegisterRequest, RequestErasureRequest, SetConsentRequest, toProtoCase, toProtoConsents, toProtoProfile, UpgradeRequest, WatchConsentsRequest } from './grpc.schema.js';
import { protoFile, protoFolder, protoLoaderOptions, type ProtoPackage, protoPackages } from './proto-file.js';

type Rpc = { requestSerialize: (message: object) => Buffer; requestDeserialize: (bytes: Buffer) => object } & {
  responseSerialize: (message: object) => Buffer;
  responseDeserialize: (bytes: Buffer) => object;
};
const rpc = (name: ProtoPackage, service: string, method: string): Rpc => {
  const loaded = loadSync(protoFile(name), { ...protoLoaderOptions, includeDirs: [protoFolder()] });
  return (loaded[`${name}.${service}`] as unknown as Record<string, Rpc>)[method] as Rpc;
};
/** Over the wire and back, as a server sees it. */
const received = (name: ProtoPackage, service: string, method: string, message: object): object => {
  const { requestSerialize, requestDeserialize } = rpc(name, service, method);
  return requestDeserialize(requestSerialize(message));
};
const answered = (name: ProtoPackage, service: string, method: string, message: object): object => {
  const { responseSerialize, responseDeserialize } = rpc(name, service, method);
  return responseDeserialize(responseSerialize(message));
};

const full = { email: 'ida@example.org', name: { given: 'Ida', family: 'Holm' }, password: 'correct horse', language: 'LANGUAGE_DA' };
const consents = [{ purposeId: 'newsletter', answer: 'ANSWER_GRANTED', noticeVersion: 1, language: 'LANGUAGE_DA' }];

describe('a gRPC request', () => {
  it.each(protoPackages)('%s has its file', (name) => {
    expect(Object.keys(loadSync(protoFile(name), protoLoaderOptions)).length).toBeGreaterThan(1);
  });

  it('registers the same customer as over REST', () => {
    const message = received('kendt.registration.v1', 'Registration', 'Register', { full: { ...full, consents } });
    expect(RegisterRequest.parse(message)).toEqual({
      ...full,
      kind: 'full',
      language: 'da',
      consents: [{ purposeId: 'newsletter', answer: 'granted', noticeVersion: 1, language: 'da' }],
    });
  });

  it('registers a guest, and refuses nobody', () => {
    const guest = received('kendt.registration.v1', 'Registration', 'Register', { guest: { language: 'LANGUAGE_EN' } });
    expect(RegisterRequest.parse(guest)).toEqual({ kind: 'guest', language: 'en' });
    expect(RegisterRequest.safeParse(received('kendt.registration.v1', 'Registration', 'Register', {})).success).toBe(false);
  });

  it('upgrades a guest', () => {
    const message = received('kendt.registration.v1', 'Registration', 'Upgrade', { customerId: 'ida', full });
    expect(UpgradeRequest.parse(message)).toEqual({ customerId: 'ida', full: { ...full, language: 'da', consents: [] } });
  });

  it('finds by one identifier', () => {
    const message = received('kendt.profile.v1', 'Profile', 'Find', { email: ' ida@example.org ', reason: 'till' });
    expect(FindRequest.parse(message)).toEqual({ email: 'ida@example.org', reason: 'till' });
    expect(FindRequest.safeParse(received('kendt.profile.v1', 'Profile', 'Find', { reason: 'till' })).success).toBe(false);
  });

  it('sets a consent, or withdraws it with one word', () => {
    const set = (message: object) => SetConsentRequest.parse(received('kendt.consent.v1', 'Consent', 'Set', { customerId: 'ida', purposeId: 'newsletter', ...message }));
    expect(set({ answer: 'ANSWER_GRANTED', noticeVersion: 2, language: 'LANGUAGE_EN' }).answer).toEqual({ answer: 'granted', noticeVersion: 2, language: 'en' });
    expect(set({ answer: 'ANSWER_WITHDRAWN' }).answer).toEqual(AnswerConsent.parse({ answer: 'withdrawn' }));
    expect(() => set({})).toThrow();
    expect(() => set({ answer: 99, noticeVersion: 2, language: 'LANGUAGE_EN' })).toThrow();
  });

  it('watches everything when it names nothing', () => {
    expect(WatchConsentsRequest.parse(received('kendt.consent.v1', 'Consent', 'Watch', {}))).toEqual({ purposeIds: [] });
  });

  it('asks for erasure', () => {
    expect(RequestErasureRequest.parse(received('kendt.erasure.v1', 'Erasure', 'Request', { customerId: 'ida' }))).toEqual({ customerId: 'ida' });
  });
});

describe('a gRPC answer', () => {
  const at = '2026-03-01T09:30:00.000Z';

  it('carries a profile', () => {
    const profile = { customerId: 'ida', brandId: 'fjord', kind: 'full', emailVerified: true, language: 'da', suspended: true, consents: [{ purposeId: 'newsletter', state: 'granted', at }] } as const;
    expect(answered('kendt.profile.v1', 'Profile', 'Get', toProtoProfile({ ...profile, consents: [...profile.consents] }))).toMatchObject({
      kind: 'CUSTOMER_KIND_FULL',
      emailVerified: true,
      language: 'LANGUAGE_DA',
      suspended: true,
      consents: [{ purposeId: 'newsletter', state: 'CONSENT_STATE_GRANTED', at }],
    });
  });

  it('carries consents', () => {
    const states = toProtoConsents({ customerId: 'ida', brandId: 'fjord', consents: [{ purposeId: 'newsletter', state: 'none' }] });
    expect(answered('kendt.consent.v1', 'Consent', 'Get', states)).toMatchObject({ consents: [{ state: 'CONSENT_STATE_NONE', language: 'LANGUAGE_UNSPECIFIED' }] });
  });

  it('carries an erasure case', () => {
    const record = { record: 'INV-1', what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', until: '2031-12-31' };
    const task = { taskId: 't', systemId: 'erp', kind: 'erase', status: 'retained', overdue: false, issuedAt: at, dueAt: at } as const;
    const erasure = toProtoCase({
      caseId: 'c',
      customerId: 'ida',
      status: 'completed',
      requestedAt: at,
      dueAt: at,
      tasks: [task],
      retained: [{ ...record, systemId: 'erp', ended: false }],
      keysDestroyed: [{ group: 'contact', at }],
    });
    expect(answered('kendt.erasure.v1', 'Erasure', 'Get', erasure)).toMatchObject({
      status: 'CASE_STATUS_COMPLETED',
      tasks: [{ kind: 'TASK_KIND_ERASE', status: 'TASK_STATUS_RETAINED' }],
      retained: [{ until: '2031-12-31', systemId: 'erp' }],
      keysDestroyed: [{ group: 'contact', at }],
    });
  });
});
