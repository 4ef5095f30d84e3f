import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { claimStream, customerStream } from '@kendt/domain';
import { keyedLookup, readAll } from '@kendt/eventsourcing';
import { contactOf } from './customers.js';
import { referenceClaim } from './record-reference.handler.js';
import { fjord, freeze, ida, lund, password, Registration } from './registration.examples.js';

let registration: Registration;
beforeAll(async () => (registration = await Registration.start()));
afterAll(() => registration.stop());

const lookup = (kind: 'email', value: string): string => keyedLookup(registration.service.secrets.lookupKey)(kind, value);
const claimed = (email: string): Promise<string[]> => registration.types(claimStream(lookup('email', email)));
const contact = async (id: string): Promise<object> => contactOf(await readAll(registration.store, customerStream(id)));
const code = async (response: Response): Promise<string> => `${response.status} ${((await response.json()) as { code: string }).code}`;
const call = (method: string, path: string, body?: object, as: object = fjord): Promise<Response> =>
  registration.service.request(`/v1/customers/${path}`, { method, as, ...(body && { body }) });
const own = (customerId: string): object => ({ customerId, scopes: ['account'], clientId: 'fjord-web', brand: 'fjord' });
const unknown = '01890000-0000-7000-8000-000000000000';

describe('a guest', () => {
  const full = (email: string, more: object = {}): object => ({ email, name: { given: 'Bo', family: 'Lund' }, password, language: 'en', ...more });

  it('is registered without claiming the address', async () => {
    const id = await registration.guest({ language: 'en', email: 'guest@example.org' });
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered']);
    expect(await claimed('guest@example.org')).toEqual([]);
    expect(await registration.mailsTo('guest@example.org')).toEqual([]);
  });

  it('becomes a customer under the same id, keeps what was known, and is asked to confirm', async () => {
    const id = await registration.guest({ language: 'en', phone: '+4511111111' });
    const response = await call('POST', `${id}/upgrade`, full('bo@example.org', { consents: [{ purposeId: 'newsletter', answer: 'granted', noticeVersion: 1, language: 'en' }] }));
    expect([response.status, await response.json()]).toEqual([202, { status: 'confirmation-sent' }]);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'GuestUpgraded']);
    expect(await contact(id)).toEqual({ email: 'bo@example.org', name: { given: 'Bo', family: 'Lund' }, phone: '+4511111111' });
    expect(await claimed('bo@example.org')).toEqual(['IdentifierClaimed']);
    expect((await registration.mailsTo('bo@example.org')).map(({ subject }) => subject)).toEqual(['Confirm your e-mail address with Fjord Møbler']);
  });

  it('learns nothing about an address that is taken, also not at a second try', async () => {
    const owner = await registration.customer(ida({ email: 'taken@example.org', language: 'en' }));
    const [one, other] = [await registration.guest(), await registration.guest()];
    const answers: string[] = [];
    for (const [id, email] of [[one, 'Taken@example.org'], [one, 'Taken@example.org'], [other, 'free@example.org'], [other, 'free@example.org']] as const) {
      const response = await call('POST', `${id}/upgrade`, full(email));
      answers.push(JSON.stringify([response.status, response.headers.get('kendt-position'), await response.text()]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(await registration.types(customerStream(one))).toEqual(['CustomerRegistered']);
    expect(await registration.types(customerStream(owner))).toEqual(['CustomerRegistered', 'RegistrationRepeated']);
    expect((await registration.mailsTo('taken@example.org')).map(({ subject }) => subject).sort()).toEqual([
      'Confirm your e-mail address with Fjord Møbler',
      'You already have a login that works with Fjord Møbler',
    ]);
  });

  it('of another brand is unknown', async () => {
    const id = await registration.guest();
    expect(await code(await call('POST', `${id}/upgrade`, full('x@example.org'), lund))).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code(await call('POST', `${unknown}/upgrade`, full('x@example.org')))).toBe('404 CUSTOMER_NOT_FOUND');
  });

  it('is upgraded once by the same key', async () => {
    const id = await registration.guest();
    const upgrade = (): Promise<Response> =>
      registration.service.request(`/v1/customers/${id}/upgrade`, { as: fjord, body: full('key@example.org'), headers: { 'idempotency-key': 'up' } });
    expect([(await upgrade()).status, (await upgrade()).status]).toEqual([202, 202]);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'GuestUpgraded']);
  });
});

describe('contact details', () => {
  it('change one by one; a phone can be taken away', async () => {
    const id = await registration.customer(ida({ email: 'details@example.org' }));
    const changed = await call('PATCH', `${id}/contact`, { name: { given: 'Ida', family: 'Lund' }, phone: null });
    expect([changed.status, changed.headers.get('kendt-position')]).toEqual([204, expect.any(String)]);
    expect(await contact(id)).toEqual({ email: 'details@example.org', name: { given: 'Ida', family: 'Lund' } });
    expect(await registration.mailsTo('details@example.org')).toHaveLength(1);
    expect((await call('PATCH', `${id}/contact`, { name: { given: 'Ida', family: 'Lund' } })).status).toBe(204);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'ContactDetailsChanged']);
  });

  it('with another address claim that one, give the old one back, and ask for a confirmation', async () => {
    const id = await registration.customer(ida({ email: 'old@example.org' }));
    const [first] = await registration.mailsTo('old@example.org');
    expect((await call('PATCH', 'me/contact', { email: 'New@example.org', language: 'en' }, own(id))).status).toBe(204);
    expect([await claimed('old@example.org'), await claimed('new@example.org')]).toEqual([['IdentifierClaimed', 'IdentifierReleased'], ['IdentifierClaimed']]);
    const [mail] = await registration.mailsTo('New@example.org');
    expect(mail?.text).toContain('You have chosen to use this e-mail address with Fjord Møbler');
    const stale = await registration.follow(first?.links[0] ?? '', 'en');
    expect([stale.status, stale.text]).toEqual([410, expect.stringContaining('an earlier address')]);
    expect((await registration.follow(mail?.links[0] ?? '')).status).toBe(200);
    await registration.register(ida({ email: 'old@example.org' }));
    expect(await claimed('old@example.org')).toEqual(['IdentifierClaimed', 'IdentifierReleased', 'IdentifierClaimed']);
  });

  it('in another spelling of the same address need no confirmation', async () => {
    const id = await registration.customer(ida({ email: 'spelling@example.org' }));
    await call('PATCH', `${id}/contact`, { email: 'Spelling@Example.org' });
    expect(await contact(id)).toMatchObject({ email: 'Spelling@Example.org' });
    expect(await claimed('spelling@example.org')).toEqual(['IdentifierClaimed']);
    expect(await registration.mailsTo('Spelling@Example.org')).toEqual([]);
  });

  it('do not take an address that is somebody else’s, and nothing changes', async () => {
    await registration.register(ida({ email: 'first@example.org' }));
    const id = await registration.customer(ida({ email: 'second@example.org' }));
    expect(await code(await call('PATCH', `${id}/contact`, { email: 'first@example.org' }))).toBe('409 IDENTIFIER_TAKEN');
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered']);
    expect(await claimed('second@example.org')).toEqual(['IdentifierClaimed']);
  });

  it('of a guest are no claim', async () => {
    const id = await registration.guest();
    expect((await call('PATCH', `${id}/contact`, { email: 'loose@example.org' })).status).toBe(204);
    expect(await claimed('loose@example.org')).toEqual([]);
  });

  it('two at once both hold', async () => {
    const id = await registration.customer(ida({ email: 'both@example.org' }));
    await Promise.all([call('PATCH', `${id}/contact`, { phone: '+4599999999' }), call('PATCH', `${id}/contact`, { name: { given: 'A', family: 'B' } })]);
    expect(await contact(id)).toEqual({ email: 'both@example.org', phone: '+4599999999', name: { given: 'A', family: 'B' } });
  });

  it('are nobody else’s business', async () => {
    const id = await registration.customer(ida({ email: 'private@example.org' }));
    expect(await code(await call('PATCH', `${id}/contact`, { phone: null }, lund))).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code(await call('PATCH', `${unknown}/contact`, { phone: null }))).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code(await call('PATCH', `${unknown}/contact`, { phone: null }, own(id)))).toBe('404 NOT_FOUND');
    await freeze(registration, id);
    expect(await code(await call('PATCH', `${id}/contact`, { phone: null }))).toBe('410 CUSTOMER_FROZEN');
    expect(await code(await call('PATCH', 'me/contact', { phone: null }, own(id)))).toBe('401 TOKEN_INVALID');
  });
});

describe('brands', () => {
  it('are joined by the customer, with answers, and left with what they were allowed', async () => {
    const id = await registration.customer(ida({ email: 'brands@example.org' }));
    const consents = [{ purposeId: 'lamp-club', answer: 'granted', noticeVersion: 1, language: 'da' }];
    expect((await call('PUT', 'me/brands/lund', { consents }, own(id))).status).toBe(204);
    expect((await call('PUT', 'me/brands/lund', undefined, own(id))).status).toBe(204);
    expect((await call('DELETE', `${id}/brands/lund`, undefined, lund)).status).toBe(204);
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered', 'BrandJoined', 'BrandLeft']);
    expect(await registration.types(`consent-${id}`)).toEqual(['ConsentGranted', 'ConsentRefused', 'ConsentGranted', 'ConsentWithdrawn']);
    expect(await code(await call('DELETE', `${id}/brands/lund`, undefined, lund))).toBe('404 CUSTOMER_NOT_FOUND');
  });

  it('speak for themselves alone', async () => {
    const id = await registration.customer(ida({ email: 'mine@example.org' }));
    expect(await code(await call('PUT', `${id}/brands/lund`, {}))).toBe('403 BRAND_NOT_YOURS');
    expect(await code(await call('PUT', `${id}/brands/lund`, {}, lund))).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code(await call('DELETE', `${id}/brands/lund`))).toBe('403 BRAND_NOT_YOURS');
    expect(await code(await call('PUT', 'me/brands/nobody', {}, own(id)))).toBe('404 BRAND_NOT_FOUND');
    const outdated = { consents: [{ purposeId: 'personal-offers', answer: 'granted', noticeVersion: 1, language: 'da' }] };
    expect(await code(await call('PUT', 'me/brands/lund', outdated, own(id)))).toBe('409 CONSENT_NOTICE_OUTDATED');
    expect(await registration.types(customerStream(id))).toEqual(['CustomerRegistered']);
  });
});

describe('references', () => {
  const claimOf = (system: string, reference: string): Promise<string[]> =>
    registration.types(claimStream(referenceClaim(keyedLookup(registration.service.secrets.lookupKey), system, reference)));

  it('belong to one customer, in every spelling, and make room for their successor', async () => {
    const [id, other] = [await registration.guest(), await registration.guest()];
    expect((await call('PUT', `${id}/references/loyalty`, { reference: 'L-20 114' })).status).toBe(204);
    expect((await call('PUT', `${id}/references/loyalty`, { reference: 'l-20114' })).status).toBe(204);
    expect(await code(await call('PUT', `${other}/references/loyalty`, { reference: 'l-20114' }))).toBe('409 IDENTIFIER_TAKEN');
    expect((await call('PUT', `${id}/references/loyalty`, { reference: 'L-3' })).status).toBe(204);
    expect((await call('PUT', `${other}/references/loyalty`, { reference: 'L-20114' })).status).toBe(204);
    expect(await claimOf('loyalty', 'L-20114')).toEqual(['IdentifierClaimed', 'IdentifierReleased', 'IdentifierClaimed']);
  });

  it('are of a system that is known, and recorded by a client', async () => {
    const id = await registration.customer(ida({ email: 'refs@example.org' }));
    expect((await call('PUT', `${id}/references/crm`, { reference: 'CRM-4711' })).status).toBe(204);
    expect(await code(await call('PUT', `${id}/references/nothing`, { reference: 'CRM-4711' }))).toBe('404 SYSTEM_NOT_FOUND');
    expect(await code(await call('PUT', `${id}/references/crm`, { reference: 'CRM-4711' }, lund))).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code(await call('PUT', 'me/references/crm', { reference: 'CRM-4711' }, own(id)))).toBe('403 SCOPE_MISSING');
    const stored = JSON.stringify(await readAll(registration.ports.events, customerStream(id)));
    expect(stored).not.toContain('CRM-4711');
  });
});
