import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { verify } from '@node-rs/argon2';
import { claimStream, consentStream, credentialStream, customerStream } from '@kendt/domain';
import { keyedLookup, readAll } from '@kendt/eventsourcing';
import { fjord, freeze, ida, password, Registration } from './registration.examples.js';

let registration: Registration;
beforeAll(async () => (registration = await Registration.start()));
afterAll(() => registration.stop());

const problem = async (response: Response): Promise<{ status: number; code: string; errors?: { pointer: string }[] }> => (await response.json()) as never;

describe('whoever registers', () => {
  let customerId: string;

  it('is accepted, whoever they are', async () => {
    const before = await registration.ids();
    const response = await registration.register(ida());
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ status: 'confirmation-sent' });
    customerId = (await registration.ids()).find((id) => !before.includes(id)) ?? '';
  });

  it('has the address, the login and the answers from one append on', async () => {
    const hash = keyedLookup(registration.service.secrets.lookupKey)('email', 'ida.holm@example.org');
    const streams = [customerStream(customerId), claimStream(hash), credentialStream(customerId), consentStream(customerId)];
    const events = (await Promise.all(streams.map((stream) => readAll(registration.store, stream)))).flat();
    expect(events.map(({ type }) => type)).toEqual(['CustomerRegistered', 'IdentifierClaimed', 'PasswordSet', 'ConsentGranted', 'ConsentRefused']);
    expect(new Set(events.map(({ metadata }) => metadata.commandId)).size).toBe(1);
    expect(events[3]?.data).toMatchObject({ brandId: 'fjord', purposeId: 'newsletter', noticeVersion: 1, language: 'da', channel: 'web' });
  });

  it('has a password that only Argon2id knows', async () => {
    const [set] = await readAll(registration.store, credentialStream(customerId));
    const { passwordHash } = set?.personal?.credential as { passwordHash: string };
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verify(passwordHash, password)).toBe(true);
  });

  it('is nowhere in the store to be read without the key', async () => {
    const stored = JSON.stringify(await Promise.all([customerStream(customerId), credentialStream(customerId)].map((stream) => readAll(registration.ports.events, stream))));
    for (const secret of ['ida.holm', '"Holm"', '+4520123456', '$argon2id']) expect(stored).not.toContain(secret);
  });

  it('is asked for a token, a scope and a brand', async () => {
    expect((await registration.register(ida(), { as: undefined as never })).status).toBe(401);
    expect(await problem(await registration.register(ida(), { as: { ...fjord, scopes: ['customers:read'] } }))).toMatchObject({ status: 403, code: 'SCOPE_MISSING' });
    const { brand: _, ...group } = fjord;
    expect(await problem(await registration.register(ida({ email: 'x@example.org' }), { as: group }))).toMatchObject({ status: 403, code: 'BRAND_MISSING' });
  });

  it('sends nothing that the contract does not know', async () => {
    expect(await problem(await registration.register(ida({ email: 'x@example.org', vip: true })))).toMatchObject({ status: 422, code: 'BODY_INVALID', errors: [{ pointer: '/vip' }] });
    expect(await problem(await registration.register(ida({ email: 'nonsense' })))).toMatchObject({ status: 422, errors: [{ pointer: '/email' }] });
  });
});

describe('consent answers at registration', () => {
  const answer = (more: object): object => ({ purposeId: 'newsletter', answer: 'granted', noticeVersion: 1, language: 'da', ...more });
  const refused = async (...consents: object[]): Promise<{ status: number; code: string; errors?: { pointer: string }[] }> => {
    const before = (await registration.events()).length;
    const said = await problem(await registration.register(ida({ email: 'consents@example.org', consents })));
    expect((await registration.events()).length).toBe(before);
    return said;
  };

  it('on an outdated notice refuse the whole registration', async () => {
    const said = await refused(answer({}), answer({ purposeId: 'personal-offers' }));
    expect(said).toMatchObject({ status: 409, code: 'CONSENT_NOTICE_OUTDATED', errors: [{ pointer: '/consents/1/noticeVersion' }] });
  });

  it.each([
    ['on a notice that does not exist yet', [answer({ noticeVersion: 2 })], 'CONSENT_NOTICE_UNKNOWN', '/consents/0/noticeVersion'],
    ['to an unknown purpose', [answer({ purposeId: 'world-domination' })], 'CONSENT_PURPOSE_UNKNOWN', '/consents/0/purposeId'],
    ['to a purpose of another brand', [answer({ purposeId: 'lamp-club' })], 'CONSENT_PURPOSE_UNKNOWN', '/consents/0/purposeId'],
    ['to a purpose that rests on a law', [answer({ purposeId: 'bookkeeping' })], 'PURPOSE_NOT_CONSENT_BASED', '/consents/0/purposeId'],
    ['twice to the same purpose', [answer({}), answer({ answer: 'refused' })], 'CONSENT_ANSWERED_TWICE', '/consents/1/purposeId'],
  ])('%s are refused', async (_, consents, code, pointer) => {
    expect(await refused(...consents)).toMatchObject({ status: 422, code, errors: [{ pointer }] });
  });
});

describe('passwords', () => {
  it.each([['Password1234'], ['IDA.holm1999'], ['aaaaaaaaaaaa'], ['adgangskode123']])('that everybody tries first are refused: %s', async (bad) => {
    const said = await problem(await registration.register(ida({ email: 'Ida.Holm@example.org', password: bad })));
    expect(said).toMatchObject({ status: 422, code: 'PASSWORD_TOO_COMMON', errors: [{ pointer: '/password' }] });
    expect(JSON.stringify(said)).not.toContain(bad);
  });
});

describe('a known address', () => {
  it('is answered byte for byte as a new one, in every spelling', async () => {
    const answers: string[] = [];
    for (const email of ['bo@example.org', 'bo@example.org', '  BO@Example.ORG ']) {
      const response = await registration.register(ida({ email }));
      const headers = [...response.headers].filter(([name]) => !['date', 'traceparent'].includes(name));
      answers.push(JSON.stringify([response.status, headers, await response.text()]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toContain('kendt-position');
  });

  it('is answered at an even time, as a new one and as a refusal is', async () => {
    for (const body of [ida({ email: 'even@example.org' }), ida({ email: 'even@example.org' }), ida({ email: 'even@example.org', password: 'password1234' })]) {
      const started = performance.now();
      await registration.register(body);
      expect(performance.now() - started).toBeGreaterThan(97);
    }
  });

  it('leaves nothing of the second attempt but a note for its owner', async () => {
    const id = await registration.customer(ida({ email: 'owner@example.org', name: { given: 'Owner', family: 'One' } }));
    await registration.register(ida({ email: 'OWNER@example.org', name: { given: 'Some', family: 'Body' } }));
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'RegistrationRepeated']);
    expect(await registration.types(credentialStream(id))).toEqual(['PasswordSet']);
  });

  it('is answered alike while its owner is being erased', async () => {
    const id = await registration.customer(ida({ email: 'frozen@example.org' }));
    await freeze(registration, id);
    expect((await registration.register(ida({ email: 'frozen@example.org' }))).status).toBe(202);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'CustomerFrozen']);
  });

  it('has one owner when fifty want it at once', async () => {
    const spellings = ['rush@example.org', 'Rush@example.org', 'RUSH@EXAMPLE.ORG', ' rush@Example.org '];
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => registration.register(ida({ email: spellings[n % 4] }))));
    const said = await Promise.all(answers.map(async (answer) => `${answer.status} ${await answer.text()}`));
    expect(new Set(said)).toEqual(new Set(['202 {"status":"confirmation-sent"}']));
    const hash = keyedLookup(registration.service.secrets.lookupKey)('email', 'rush@example.org');
    const owners = (await registration.events('customer')).filter(({ type, data }) => type === 'CustomerRegistered' && (data as { emailClaim?: string }).emailClaim === hash);
    expect(owners).toHaveLength(1);
    expect(await registration.types(claimStream(hash))).toEqual(['IdentifierClaimed']);
  }, 30_000);
});

describe('the same Idempotency-Key', () => {
  it('registers once, and answers the same', async () => {
    const request = { headers: { 'idempotency-key': 'key-1' } };
    const first = await registration.register(ida({ email: 'twice@example.org' }), request);
    const before = (await registration.events()).length;
    const second = await registration.register(ida({ email: 'twice@example.org' }), request);
    expect([second.status, await second.text()]).toEqual([first.status, await first.text()]);
    expect((await registration.events()).length).toBe(before);
  });

  it('gives a guest the same id, and refuses another request', async () => {
    const request = { headers: { 'idempotency-key': 'key-2' } };
    const id = await registration.guest({ language: 'da' }, request);
    expect(await registration.guest({ language: 'da' }, request)).toBe(id);
    expect(await problem(await registration.register(ida(), request))).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('too many registrations', () => {
  let strict: Registration | undefined;
  afterEach(() => strict?.stop());

  it('of one address are refused, new or known', async () => {
    strict = await Registration.start({ env: { RATE_IDENTIFIER_PER_MINUTE: '2' } });
    const statuses: number[] = [];
    for (const email of ['a@example.org', 'A@example.org', ' a@example.org']) statuses.push((await strict.register(ida({ email }))).status);
    expect(statuses).toEqual([202, 202, 429]);
  });

  it('from one place are refused', async () => {
    strict = await Registration.start({ env: { RATE_REGISTER_PER_MINUTE: '2' } });
    const statuses: number[] = [];
    for (const email of ['a@example.org', 'b@example.org', 'c@example.org']) statuses.push((await strict.register(ida({ email }))).status);
    expect(statuses).toEqual([202, 202, 429]);
  });

  it('of one confirmation mail are refused as well', async () => {
    strict = await Registration.start({ env: { RATE_IDENTIFIER_PER_MINUTE: '2' } });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await strict.service.request(`/v1/customers/${'0'.repeat(36)}/email-verification`, { method: 'POST' })).status);
    expect(statuses).toEqual([202, 202, 429]);
  });
});
