import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { customerStream } from '@kendt/domain';
import { type GrpcAnswer, GrpcClient } from '@kendt/testing';
import { fjord, ida, lund, password, Registration } from './registration.examples.js';

let registration: Registration;
let client: GrpcClient;
beforeAll(async () => {
  registration = await Registration.start();
  client = new GrpcClient('kendt.registration.v1', 'Registration', registration.service.grpcUrl);
});
afterAll(async () => {
  client.close();
  await registration.stop();
});

const answerOf = async (method: 'Register' | 'Upgrade', request: object, as: object = fjord, more: Record<string, string> = {}): Promise<GrpcAnswer> =>
  client.call(method, request, { authorization: await registration.service.token(as), ...more });
const call = async (...asked: Parameters<typeof answerOf>): Promise<GrpcAnswer['reply']> => (await answerOf(...asked)).reply;
const refusal = async (...asked: Parameters<typeof answerOf>): Promise<string> => {
  const { error } = await answerOf(...asked);
  return error ? `${status[error.code]} ${String(error.metadata.get('kendt-code')[0])}` : 'not refused';
};

const full = (email: string, more: object = {}): object => ({
  email,
  name: { given: 'Ida', family: 'Holm' },
  password,
  language: 'LANGUAGE_DA',
  consents: [{ purposeId: 'newsletter', answer: 'ANSWER_GRANTED', noticeVersion: 1, language: 'LANGUAGE_DA' }],
  ...more,
});

describe('registration over gRPC', () => {
  it('answers a new and a known address alike', async () => {
    const answers = [await call('Register', { full: full('ida@example.org') }), await call('Register', { full: full(' IDA@example.org') })];
    expect(answers).toEqual(Array(2).fill({ status: 'REGISTRATION_STATUS_CONFIRMATION_SENT', customerId: '' }));
    const [id] = await registration.ids();
    expect(await registration.types(customerStream(id ?? ''))).toEqual(['CustomerRegistered', 'RegistrationRepeated']);
    expect(await registration.types(`consent-${id}`)).toEqual(['ConsentGranted']);
  });

  it('gives a guest an id, once per key', async () => {
    const key = { 'idempotency-key': 'till-1' };
    const one = await call('Register', { guest: { language: 'LANGUAGE_EN' } }, fjord, key);
    expect(one).toEqual({ status: 'REGISTRATION_STATUS_GUEST_REGISTERED', customerId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(await call('Register', { guest: { language: 'LANGUAGE_EN' } }, fjord, key)).toEqual(one);
  });

  it('upgrades a guest of the same brand', async () => {
    const customerId = (await call('Register', { guest: { language: 'LANGUAGE_EN' } }))?.['customerId'];
    expect(await refusal('Upgrade', { customerId, full: full('up@example.org') }, lund)).toBe('NOT_FOUND CUSTOMER_NOT_FOUND');
    expect(await call('Upgrade', { customerId, full: full('up@example.org') })).toEqual({ status: 'REGISTRATION_STATUS_CONFIRMATION_SENT' });
    expect(await registration.types(customerStream(String(customerId)))).toEqual(['CustomerRegistered', 'GuestUpgraded']);
  });

  it('refuses in the same words as over REST', async () => {
    const { brand: _, ...group } = fjord;
    const outdated = [{ purposeId: 'personal-offers', answer: 'ANSWER_GRANTED', noticeVersion: 1, language: 'LANGUAGE_DA' }];
    expect(await refusal('Register', { full: full('a@example.org') }, group)).toBe('PERMISSION_DENIED BRAND_MISSING');
    expect(await refusal('Register', { full: full('a@example.org') }, { ...fjord, scopes: [] })).toBe('PERMISSION_DENIED SCOPE_MISSING');
    expect(await refusal('Register', { full: full('a@example.org', { consents: outdated }) })).toBe('FAILED_PRECONDITION CONSENT_NOTICE_OUTDATED');
    expect(await refusal('Register', { full: full('a@example.org', { password: 'password1234' }) })).toBe('INVALID_ARGUMENT PASSWORD_TOO_COMMON');
    expect(await refusal('Register', {})).toBe('INVALID_ARGUMENT BODY_INVALID');
  });

  it('limits an address over REST and gRPC together', async () => {
    const strict = await Registration.start({ env: { RATE_IDENTIFIER_PER_MINUTE: '2' } });
    const other = new GrpcClient('kendt.registration.v1', 'Registration', strict.service.grpcUrl);
    const authorization = await strict.service.token(fjord);
    const codes: unknown[] = [];
    for (let n = 0; n < 3; n++) codes.push((await other.call('Register', { full: full('Ida@example.org') }, { authorization })).error?.code);
    expect(codes).toEqual([undefined, undefined, status.RESOURCE_EXHAUSTED]);
    expect((await strict.register(ida({ email: 'ida@example.org' }))).status).toBe(429);
    other.close();
    await strict.stop();
  });
});
