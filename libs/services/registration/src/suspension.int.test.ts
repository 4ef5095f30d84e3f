import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consentStream, customerStream, loginStream } from '@kendt/domain';
import { readAll } from '@kendt/eventsourcing';
import { fjord, freeze, ida, lund, password, Registration } from './registration.examples.js';

let registration: Registration;
beforeAll(async () => (registration = await Registration.start()));
afterAll(() => registration.stop());

const call = (method: string, path: string, body?: object, as: object = fjord, headers: Record<string, string> = {}): Promise<Response> =>
  registration.service.request(`/v1/customers/${path}`, { method, as, headers, ...(body && { body }) });
const suspend = (id: string, reason = 'fraud', as?: object, headers?: Record<string, string>): Promise<Response> => call('PUT', `${id}/suspension`, { reason }, as, headers);
const reinstate = (id: string, as?: object): Promise<Response> => call('DELETE', `${id}/suspension`, undefined, as);
const code = async (response: Response): Promise<string> => `${response.status} ${((await response.json()) as { code: string }).code}`;
const types = (id: string): Promise<string[]> => registration.types(customerStream(id));
const own = (customerId: string): object => ({ customerId, scopes: ['account'], clientId: 'fjord-web', brand: 'fjord' });
const suspended = async (email: string): Promise<string> => {
  const id = await registration.customer(ida({ email }));
  expect((await suspend(id)).status).toBe(204);
  return id;
};

describe('a suspension', () => {
  it('ends every session in the same append, and begins and ends once', async () => {
    const id = await registration.customer(ida({ email: 'once@example.org' }));
    for (const response of [await suspend(id), await suspend(id), await suspend(id, 'abuse'), await reinstate(id), await reinstate(id)])
      expect([response.status, response.headers.get('kendt-position')]).toEqual([204, expect.any(String)]);
    expect((await readAll(registration.store, customerStream(id))).slice(1).map(({ type, data }) => [type, (data as { reason?: string }).reason])).toEqual([
      ['CustomerSuspended', 'fraud'],
      ['CustomerSuspended', 'abuse'],
      ['CustomerReinstated', undefined],
    ]);
    const [revoked, ...more] = await readAll(registration.store, loginStream(id));
    const [, began] = await readAll(registration.store, customerStream(id));
    expect([revoked?.type, revoked?.data, more]).toEqual(['SessionsRevoked', expect.objectContaining({ reason: 'suspension' }), []]);
    expect(revoked?.metadata['commandId']).toBe(began?.metadata['commandId']);
    await suspend(id);
    expect(await registration.types(loginStream(id))).toEqual(['SessionsRevoked', 'SessionsRevoked']);
  });

  it('is one, however many ask at once, and the same key asks once', async () => {
    const id = await registration.customer(ida({ email: 'crowd@example.org' }));
    expect((await Promise.all([suspend(id), suspend(id), suspend(id)])).map(({ status }) => status)).toEqual([204, 204, 204]);
    const key = { 'idempotency-key': 'suspend' };
    const positions = [await suspend(id, 'other', fjord, key), await suspend(id, 'other', fjord, key)].map(({ headers }) => headers.get('kendt-position'));
    expect(positions[0]).toBe(positions[1]);
    expect(await types(id)).toEqual(['CustomerRegistered', 'CustomerSuspended', 'CustomerSuspended']);
    expect(await code(await suspend(id, 'fraud', fjord, key))).toBe('422 IDEMPOTENCY_KEY_REUSED');
  });

  it('is the business of a client of the customer’s brand, and gives a code for a reason', async () => {
    const id = await registration.customer(ida({ email: 'whose@example.org' }));
    for (const ask of [(as: object) => suspend(id, 'fraud', as), (as: object) => reinstate(id, as)]) {
      expect(await code(await ask(lund))).toBe('404 CUSTOMER_NOT_FOUND');
      expect(await code(await ask(own(id)))).toBe('403 SCOPE_MISSING');
      expect(await code(await ask({ ...fjord, scopes: ['customers:read'] }))).toBe('403 SCOPE_MISSING');
    }
    expect(await code(await suspend('01890000-0000-7000-8000-000000000000'))).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code(await suspend(id, 'Ida Holm has returned too many lamps'))).toBe('422 BODY_INVALID');
    expect(await code(await call('PUT', `${id}/suspension`, { reason: 'other', note: 'Ida Holm' }))).toBe('422 BODY_INVALID');
    expect(await code(await call('PUT', `${id}/suspension`))).toBe('422 BODY_INVALID');
    await freeze(registration, id);
    expect(await code(await suspend(id))).toBe('410 CUSTOMER_FROZEN');
    expect(await code(await reinstate(id))).toBe('410 CUSTOMER_FROZEN');
    expect(await types(id)).toEqual(['CustomerRegistered', 'CustomerFrozen']);
  });
});

describe('somebody who is suspended', () => {
  it('gets nothing new, and gets it again once reinstated', async () => {
    const id = await suspended('stopped@example.org');
    const guest = await registration.guest();
    await suspend(guest);
    const full = { email: 'new@example.org', name: { given: 'Bo', family: 'Lund' }, password, language: 'en' };
    const refused = [call('PATCH', `${id}/contact`, { phone: null }), call('PUT', `${id}/brands/fjord`, {}), call('PUT', `${id}/references/crm`, { reference: 'K-1' }), call('POST', `${guest}/upgrade`, full)];
    expect(await Promise.all(refused.map(async (response) => code(await response)))).toEqual(Array(4).fill('409 CUSTOMER_SUSPENDED'));
    expect(await code(await call('PATCH', 'me/contact', { phone: null }, own(id)))).toBe('401 TOKEN_INVALID');
    await reinstate(id);
    expect((await call('PATCH', 'me/contact', { phone: null }, own(id))).status).toBe(204);
  });

  it('may leave a brand, which takes back what it was allowed', async () => {
    const id = await suspended('leaving@example.org');
    expect((await call('DELETE', `${id}/brands/fjord`)).status).toBe(204);
    expect(await registration.types(consentStream(id))).toEqual(['ConsentGranted', 'ConsentRefused', 'ConsentWithdrawn']);
  });

  it('is registered again like anybody, hears nothing, and is contested after it', async () => {
    const email = 'again@example.org';
    const id = await registration.customer(ida({ email }));
    const [first] = await registration.mailsTo(email);
    await suspend(id);
    const answers = [await registration.register(ida({ email })), await registration.register(ida({ email: 'free@example.org' }))];
    const [one, other] = await Promise.all(answers.map(async (response) => `${response.status} ${await response.text()}`));
    expect(one).toBe(other);
    expect((await call('POST', `${id}/email-verification`)).status).toBe(202);
    expect(await types(id)).toEqual(['CustomerRegistered', 'CustomerSuspended', 'RegistrationRepeated']);
    expect(await registration.mailsTo(email)).toHaveLength(1);
    await reinstate(id);
    const page = await registration.follow(first?.links[0] ?? '', 'en');
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Choose a password')]);
  });

  it('confirms no address, and is told why', async () => {
    const email = 'link@example.org';
    const id = await registration.customer(ida({ email }));
    const link = (await registration.mailsTo(email))[0]?.links[0] ?? '';
    await suspend(id);
    const page = await registration.follow(link, 'en');
    expect([page.status, page.text]).toEqual([409, expect.stringContaining('This account is suspended')]);
    expect((await registration.follow(link, 'da')).text).toContain('sat i bero');
    await reinstate(id);
    expect((await registration.follow(link)).status).toBe(200);
    expect(await types(id)).toEqual(['CustomerRegistered', 'CustomerSuspended', 'CustomerReinstated', 'EmailVerified']);
  });
});
