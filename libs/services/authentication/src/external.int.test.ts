import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { customer, customerStream, loginStream } from '@kendt/domain';
import { decision, handle, randomId, readAll } from '@kendt/eventsourcing';
import { chosenPort } from './testing/chosen-port.js';
import { FormBrowser, type SeenPage } from '@kendt/testing';
import { AuthenticationModule } from './authentication.module.js';
import { chosenBy } from './testing/choose.examples.js';
import { type Elsewhere, startFakeFacebook, startOtherProvider } from './testing/other-providers.examples.js';
import { installation, password, type Shop, ShopClient, startShop, suspend } from './testing/service.examples.js';

jest.setTimeout(30_000);

const people = {
  newcomer: { email: 'newcomer@example.org', email_verified: true },
  namesake: { email: 'namesake@example.org', email_verified: true },
  liar: { email: 'victim@example.org', email_verified: false },
  owner: { email: 'owner@example.org', email_verified: true },
  unsure: { email: 'unsure@example.org', email_verified: true },
  suspended: { email: 'suspended@example.org', email_verified: true },
  impostor: { email: 'unconfirmed@example.org', email_verified: false },
  nameless: {},
};

let shop: Shop;
let other: Elsewhere;
let facebook: Elsewhere;
let facebookProfile: Record<string, string> = {};

beforeAll(async () => {
  const port = await chosenPort();
  other = await startOtherProvider(people, () => `http://127.0.0.1:${port}/login/callback/example`);
  facebook = await startFakeFacebook(() => facebookProfile);
  process.env['TEST_PROVIDER_SECRET'] = 'a secret between providers';
  const secret = 'env:TEST_PROVIDER_SECRET';
  shop = await startShop({
    env: { HTTP_PORT: String(port) },
    modules: [AuthenticationModule.withFacebookAt({ authorizationURL: `${facebook.url}/dialog`, tokenURL: `${facebook.url}/token`, profileURL: `${facebook.url}/me` })],
    installation: {
      ...installation,
      identityProviders: [
        { kind: 'oidc', id: 'example', name: 'Example ID', issuer: other.url, clientId: 'kendt', clientSecret: secret, scopes: ['openid', 'email', 'profile'] },
        { kind: 'facebook', id: 'facebook', name: 'Facebook', clientId: '1', clientSecret: secret },
      ],
    },
  });
});
afterAll(async () => {
  await shop.close();
  await Promise.all([other.close(), facebook.close()]);
  delete process.env['TEST_PROVIDER_SECRET'];
});

const begin = async () => {
  const web = await ShopClient.of(shop, 'fjord-web');
  const browser = new FormBrowser({ origins: [shop.httpUrl, other.url, facebook.url], language: 'en' });
  return { web, browser, page: await browser.open(await web.signInUrl()) };
};

const chosen = (browser: FormBrowser, page: SeenPage, name: string): Promise<SeenPage> =>
  browser.open(new URL(page.links.find(({ text }) => text === `Sign in with ${name}`)?.href ?? 'no such link', page.url));

const through = async (person: string) => {
  const { web, browser, page } = await begin();
  const there = await chosen(browser, page, 'Example ID');
  const consent = await browser.submit(there, chosenBy(there, 'login'), { login: person, password: 'any' });
  const back = consent.forms[0] && consent.url.startsWith(other.url) ? await browser.submit(consent, consent.forms[0]) : consent;
  return { web, browser, back };
};

const subject = async (web: ShopClient, page: SeenPage): Promise<string> => String((await web.tokens(page.url)).claims()?.sub);
const types = async (stream: string): Promise<string[]> => (await readAll(shop.events, stream)).map(({ type }) => type);

describe('another OpenID provider', () => {
  it('makes a customer of somebody new, at once and whole, and knows them again', async () => {
    const { web, back } = await through('newcomer');
    const customerId = await subject(web, back);
    expect(await types(customerStream(customerId))).toEqual(['CustomerRegistered', 'EmailVerified', 'ExternalIdentityLinked']);
    expect((await readAll(shop.events, loginStream(customerId))).at(-1)).toMatchObject({ data: { method: 'external:example' } });
    const again = await through('newcomer');
    expect(await subject(again.web, again.back)).toBe(customerId);
  });

  it('never takes over an account that has the same address: its password is asked for once', async () => {
    const customerId = await shop.person('namesake@example.org');
    const { web, browser, back } = await through('namesake');
    expect(back.text).toContain('Connect Example ID to your account');
    expect(await types(customerStream(customerId))).not.toContain('ExternalIdentityLinked');
    const wrong = await browser.submit(back, chosenBy(back, 'password'), { password: 'not mine' });
    expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('not the password of this account')]);
    const linked = await browser.submit(wrong, chosenBy(wrong, 'password'), { password });
    expect(await subject(web, linked)).toBe(customerId);
    const again = await through('namesake');
    expect(await subject(again.web, again.back)).toBe(customerId);
  });

  it('confirms an address that was not confirmed yet, and links', async () => {
    const customerId = await shop.person('owner@example.org', { verified: false });
    const { web, browser, back } = await through('owner');
    const linked = await browser.submit(back, chosenBy(back, 'password'), { password });
    expect(await subject(web, linked)).toBe(customerId);
    expect(await types(customerStream(customerId))).toEqual(['CustomerRegistered', 'EmailVerified', 'ExternalIdentityLinked']);
  });

  it('neither confirms nor links where two may have registered: the mailbox decides', async () => {
    const customerId = await shop.person('unsure@example.org', { verified: false });
    const at = new Date().toISOString();
    const repeat = decision(customer, customerStream(customerId), { type: 'NoteRepeatedRegistration', at, data: { brandId: 'fjord' } });
    await handle(shop.events, [repeat], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at);
    const { browser, back } = await through('unsure');
    const told = await browser.submit(back, chosenBy(back, 'password'), { password });
    expect([told.status, told.text]).toEqual([403, expect.stringContaining('Confirm your e-mail first')]);
    expect(await types(customerStream(customerId))).toEqual(['CustomerRegistered', 'RegistrationRepeated', 'EmailVerificationRequested']);
  });

  it('gives nothing to somebody who only says that an address is theirs', async () => {
    const victim = await shop.person('victim@example.org');
    const { back } = await through('liar');
    expect([back.status, back.text]).toEqual([403, expect.stringContaining('Confirm your e-mail first')]);
    expect(await types(customerStream(victim))).toEqual(['CustomerRegistered', 'EmailVerified', 'RegistrationRepeated']);
    expect(await types(loginStream(victim))).toEqual([]);
  });

  it('lets nobody in who is suspended, and still notes who says that the address is theirs', async () => {
    const { web, back } = await through('suspended');
    await suspend(shop, await subject(web, back));
    const again = await through('suspended');
    expect(again.back.url).toMatch(/\/login\/[\w-]+\?failed=example$/);
    const unconfirmed = await shop.person('unconfirmed@example.org', { verified: false });
    await suspend(shop, unconfirmed);
    const told = (await through('impostor')).back;
    expect([told.status, told.text]).toEqual([403, expect.stringContaining('Confirm your e-mail first')]);
    expect(await types(customerStream(unconfirmed))).toEqual(['CustomerRegistered', 'CustomerSuspended', 'RegistrationRepeated']);
  });

  it('is asked for an address where it gave none', async () => {
    expect((await through('nameless')).back.text).toContain('Example ID did not tell us your e-mail');
  });

  it('cannot be answered by another browser', async () => {
    const { browser, page } = await begin();
    const there = await chosen(browser, page, 'Facebook');
    expect(there.status).toBeLessThan(500);
    const leaving = page.links.find(({ text }) => text === 'Sign in with Facebook')?.href ?? '';
    const mine = new FormBrowser({ origins: [shop.httpUrl], language: 'en' });
    const web = await ShopClient.of(shop, 'fjord-web');
    const begun = await mine.open(await web.signInUrl());
    const state = new URL((await mine.open(new URL(begun.links.find(({ text }) => text === 'Sign in with Facebook')?.href ?? leaving, begun.url))).url).searchParams.get('state') ?? '';
    expect(state).toHaveLength(43);
    const answer = `${shop.httpUrl}/login/callback/facebook?code=once&state=${state}`;
    expect((await browser.open(answer)).status).toBe(410);
    facebookProfile = { id: 'fb-2', email: 'second@example.org' };
    expect((await mine.open(answer)).status).toBe(403);
    expect((await mine.open(answer)).status).toBe(410);
  });
});

describe('Facebook', () => {
  it('makes a customer who has yet to confirm the address', async () => {
    facebookProfile = { id: 'fb-1', first_name: 'Ida', last_name: 'Holm', email: 'facebook@example.org' };
    const { browser, page } = await begin();
    const back = await chosen(browser, page, 'Facebook');
    expect([back.status, back.text]).toEqual([403, expect.stringContaining('Confirm your e-mail first')]);
  });

  it('is refused kindly when it names nobody', async () => {
    facebookProfile = { email: 'nobody-in-particular@example.org' };
    const { browser, page } = await begin();
    expect((await chosen(browser, page, 'Facebook')).text).toContain('Signing in with Facebook did not work');
  });
});
