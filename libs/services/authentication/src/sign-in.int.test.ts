import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { customer, type CustomerCommand, customerStream, login, loginStream } from '@kendt/domain';
import { decision, handle, randomId, readAll } from '@kendt/eventsourcing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as client from 'openid-client';
import { chosenBy } from './testing/choose.examples.js';
import { browserFor, logIn, type Shop, ShopClient, startShop, suspend } from './testing/service.examples.js';

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

const typesOf = async (stream: string): Promise<string[]> => (await readAll(shop.events, stream)).map(({ type }) => type);

const signedIn = async (email: string, clientId = 'fjord-web') => {
  const customerId = await shop.person(email);
  const [web, browser] = [await ShopClient.of(shop, clientId), browserFor(shop)];
  const done = await logIn(browser, await browser.open(await web.signInUrl()), email);
  return { customerId, web, browser, tokens: await web.tokens(done.url) };
};

const revoke = async (customerId: string): Promise<void> => {
  const at = new Date().toISOString();
  const done = await handle(shop.events, [decision(login, loginStream(customerId), { type: 'RevokeSessions', at, data: { reason: 'test' } })], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at);
  await followed(done.position);
};

const by = () => ({ commandId: randomId(), actor: { kind: 'system', id: 'test' } as const });
const now = (): string => new Date().toISOString();
const decide = async (customerId: string, command: CustomerCommand): Promise<string> =>
  (await handle(shop.events, [decision(customer, customerStream(customerId), command)], by(), command.at)).position;
const freeze = (customerId: string): Promise<string> => decide(customerId, { type: 'FreezeCustomer', at: now(), data: { caseId: randomId() } });

const suspended = (customerId: string): Promise<string> => suspend(shop, customerId);
const nextSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));

const followed = async (position: string): Promise<void> => {
  const { Followers } = await import('@kendt/nest');
  expect(await shop.app.get(Followers).waitFor('end-sessions', position, 5000)).toBe(true);
};

describe('code and PKCE', () => {
  it('gives tokens with our claims, and writes the sign-in down', async () => {
    const { tokens, customerId } = await signedIn('ida@example.org');
    const access = decodeJwt(tokens.access_token);
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(access).toMatchObject({ iss: shop.httpUrl, aud: 'urn:kendt:api', sub: customerId, client_id: 'fjord-web', brand: 'fjord', channel: 'web' });
    expect(access.exp).toBe((access.iat ?? 0) + 300);
    expect(String(access['scope']).split(' ')).toEqual(expect.arrayContaining(['openid', 'account']));
    expect(String(access['scope'])).not.toContain('customers:');
    expect(tokens.claims()).toMatchObject({ sub: customerId, aud: 'fjord-web', brand: 'fjord', email: 'ida@example.org', email_verified: true, given_name: 'Ida', family_name: 'Holm', name: 'Ida Holm' });
    expect(await typesOf(loginStream(customerId))).toEqual(['LoginSucceeded']);
  });

  it('gives userinfo for the token that was just issued', async () => {
    const { tokens, web, customerId } = await signedIn('userinfo@example.org');
    const info = await client.fetchUserInfo(web.config, tokens.access_token, customerId);
    expect(info).toMatchObject({ sub: customerId, email: 'userinfo@example.org', brand: 'fjord' });
  });

  it('does not begin without PKCE', async () => {
    const page = await browserFor(shop).open(`${shop.httpUrl}/oidc/auth?client_id=fjord-web&response_type=code&scope=openid&redirect_uri=http://127.0.0.1:3100/callback`);
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_request');
  });

  it('never redirects to an address that the client has not named', async () => {
    const web = await ShopClient.of(shop, 'fjord-web');
    const page = await browserFor(shop).open(await web.signInUrl({ redirect_uri: 'http://127.0.0.1:3999/callback' }));
    expect([page.status, new URL(page.url).origin]).toEqual([400, shop.httpUrl]);
    expect(page.text).toContain('invalid_redirect_uri');
  });

  it('gives a code away once', async () => {
    const customerEmail = 'once@example.org';
    await shop.person(customerEmail);
    const [web, browser] = [await ShopClient.of(shop, 'fjord-web'), browserFor(shop)];
    const done = await logIn(browser, await browser.open(await web.signInUrl()), customerEmail);
    const tokens = await web.tokens(done.url);
    await expect(web.tokens(done.url)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it.each([['once', 1, 200], ['twice', 2, 400]] as const)('goes on where the answer to the way back was lost %s, as when the process was killed and a gateway asks another', async (_, lost, status) => {
    const email = `lost-${lost}@example.org`;
    await shop.person(email);
    const [web, browser, reallyFetch] = [await ShopClient.of(shop, 'fjord-web'), browserFor(shop), fetch];
    const form = await browser.open(await web.signInUrl());
    const losing = jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
      const isWayBack = new URL(url instanceof Request ? url.url : url).pathname.startsWith('/oidc/auth/');
      for (let n = 0; isWayBack && n < lost; n++) expect((await reallyFetch(url, init)).status).toBe(303);
      return reallyFetch(url, init);
    });
    const done = await logIn(browser, form, email).finally(() => losing.mockRestore());
    expect(done.status).toBe(status);
    if (status === 200) expect((await web.tokens(done.url)).claims()).toMatchObject({ email });
  });

  it('answers prompt=consent without asking', async () => {
    await shop.person('consent@example.org');
    const [web, browser] = [await ShopClient.of(shop, 'fjord-web'), browserFor(shop)];
    const done = await logIn(browser, await browser.open(await web.signInUrl({ prompt: 'consent', scope: 'openid offline_access' })), 'consent@example.org');
    expect((await web.tokens(done.url)).refresh_token).toBeDefined();
  });
});

describe('single sign-on', () => {
  it('signs in at the second brand without a form, and joins it', async () => {
    const { browser, customerId, tokens } = await signedIn('sso@example.org');
    const lund = await ShopClient.of(shop, 'lund-web');
    const there = await browser.open(await lund.signInUrl());
    expect(there.url).toMatch(/^http:\/\/127\.0\.0\.1:3200\/callback\?code=/);
    const second = await lund.tokens(there.url);
    expect(second.claims()).toMatchObject({ sub: customerId, aud: 'lund-web', brand: 'lund' });
    expect(tokens.claims()).toMatchObject({ aud: 'fjord-web', brand: 'fjord' });
    expect(await typesOf(customerStream(customerId))).toEqual(['CustomerRegistered', 'EmailVerified', 'BrandJoined']);
    const logins = await readAll(shop.events, loginStream(customerId));
    expect(logins.map(({ data }) => data)).toMatchObject([{ clientId: 'fjord-web', method: 'password' }, { clientId: 'lund-web', method: 'sso' }]);
  });

  it('does not write down, nor join, what ends at a login form', async () => {
    const { browser, customerId } = await signedIn('prompted@example.org');
    const lund = await ShopClient.of(shop, 'lund-web');
    const page = await browser.open(await lund.signInUrl({ prompt: 'login' }));
    expect(page.forms.some(({ names }) => names.includes('password'))).toBe(true);
    expect(await typesOf(customerStream(customerId))).not.toContain('BrandJoined');
  });
});

describe('refresh tokens', () => {
  it('rotate, and a used one that comes back ends them all', async () => {
    const { tokens, web } = await signedIn('refresh@example.org');
    const second = await client.refreshTokenGrant(web.config, tokens.refresh_token ?? '');
    expect(second.refresh_token).not.toBe(tokens.refresh_token);
    await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(client.refreshTokenGrant(web.config, second.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await client.tokenIntrospection(web.config, second.access_token)).toEqual({ active: false });
  });

  it('end when they are revoked', async () => {
    const { tokens, web } = await signedIn('revoked@example.org');
    await client.tokenRevocation(web.config, tokens.refresh_token ?? '');
    await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await client.tokenIntrospection(web.config, tokens.access_token)).toEqual({ active: false });
  });
});

describe('introspection', () => {
  it('tells the truth about a JWT of ours', async () => {
    const { tokens, web, customerId } = await signedIn('introspect@example.org');
    expect(await client.tokenIntrospection(web.config, tokens.access_token)).toMatchObject({ active: true, sub: customerId, client_id: 'fjord-web', brand: 'fjord' });
    expect(await client.tokenIntrospection(web.config, tokens.refresh_token ?? '')).toMatchObject({ active: true });
    const [head, body, signature = ''] = tokens.access_token.split('.');
    const forged = [head, body, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
    expect(await client.tokenIntrospection(web.config, forged)).toEqual({ active: false });
  });

  it('tells another brand nothing', async () => {
    const { tokens } = await signedIn('other-brand@example.org');
    const lund = await ShopClient.of(shop, 'lund-web');
    expect(await client.tokenIntrospection(lund.config, tokens.access_token)).toEqual({ active: false });
  });

  it('asks who is asking', async () => {
    const { tokens } = await signedIn('who-asks@example.org');
    const body = new URLSearchParams({ token: tokens.access_token, client_id: 'fjord-web', client_secret: 'wrong' });
    const response = await fetch(`${shop.httpUrl}/oidc/introspection`, { method: 'POST', body });
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  });
});

describe('a customer who is', () => {
  it.each([['frozen', freeze], ['suspended', suspended]])('%s stays out once the follower has cleared up', async (status, end) => {
    const { tokens, web, browser, customerId } = await signedIn(`${status}@example.org`);
    const position = await end(customerId);
    const refused = async (): Promise<void> => {
      expect(await client.tokenIntrospection(web.config, tokens.access_token)).toEqual({ active: false });
      expect(await client.tokenIntrospection(web.config, tokens.refresh_token ?? '')).toEqual({ active: false });
      const userinfo = await fetch(`${shop.httpUrl}/oidc/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
      expect(userinfo.status).toBe(401);
      await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
      const lund = await ShopClient.of(shop, 'lund-web');
      expect((await browser.open(await lund.signInUrl())).forms.some(({ names }) => names.includes('password'))).toBe(true);
    };
    await refused();
    await followed(position);
    await refused();
    const fresh = browserFor(shop);
    const again = await logIn(fresh, await fresh.open(await web.signInUrl()), `${status}@example.org`);
    expect([again.status, again.text]).toEqual([422, expect.stringContaining('We do not know this e-mail')]);
  });

  it('reinstated signs in anew, and nothing of before lives again', async () => {
    const { tokens, web, browser, customerId } = await signedIn('reinstated@example.org');
    const elsewhere = await ShopClient.of(shop, 'lund-web');
    await nextSecond(); // times within the provider's documents are whole seconds
    await suspend(shop, customerId);
    await decide(customerId, { type: 'ReinstateCustomer', at: now(), data: {} });
    expect(await client.tokenIntrospection(web.config, tokens.access_token)).toEqual({ active: false });
    await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    const asked = await browser.open(await elsewhere.signInUrl());
    expect(asked.forms.some(({ names }) => names.includes('password'))).toBe(true);
    const done = await logIn(browser, asked, 'reinstated@example.org');
    expect((await elsewhere.tokens(done.url)).claims()).toMatchObject({ sub: customerId, brand: 'lund' });
  });
});

describe('revoked sessions', () => {
  it('end what was there before', async () => {
    const { tokens, web, browser, customerId } = await signedIn('revoke-all@example.org');
    await revoke(customerId);
    await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await client.tokenIntrospection(web.config, tokens.access_token)).toEqual({ active: false });
    expect((await browser.open(await web.signInUrl())).forms.some(({ names }) => names.includes('password'))).toBe(true);
  });
});

describe('client credentials', () => {
  const ask = async (clientId: string, scope: string) => client.clientCredentialsGrant((await ShopClient.of(shop, clientId)).config, { scope });

  it('are limited to what the client may', async () => {
    const tokens = await ask('fjord-till', 'customers:find audit:read');
    expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: 'fjord-till', client_id: 'fjord-till', aud: 'urn:kendt:api', scope: 'customers:find', brand: 'fjord', channel: 'till' });
  });

  it('never carry a customer\'s scopes', async () => {
    expect(decodeJwt((await ask('fjord-web', 'customers:read account')).access_token)['scope']).toBe('customers:read');
  });

  it('serve no other audience', async () => {
    const { config } = await ShopClient.of(shop, 'fjord-till');
    await expect(client.clientCredentialsGrant(config, { scope: 'customers:find', resource: 'urn:other:api' })).rejects.toMatchObject({ error: 'invalid_target' });
  });
});

describe('signing out', () => {
  it('asks, ends the session at every shop, and returns', async () => {
    const { tokens, web, browser } = await signedIn('out@example.org');
    const url = client.buildEndSessionUrl(web.config, { post_logout_redirect_uri: 'http://127.0.0.1:3100/', id_token_hint: tokens.id_token ?? '' });
    const asked = await browser.open(url);
    expect(asked.headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:3100");
    const form = chosenBy(asked, 'Yes, sign me out');
    const out = await browser.submit(asked, form, {}, form.buttons[0]);
    expect(out.url).toMatch(/^http:\/\/127\.0\.0\.1:3100\//);
    await expect(client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await browser.open(await web.signInUrl())).forms.some(({ names }) => names.includes('password'))).toBe(true);
  });

  it('needs no script where nobody is signed in', async () => {
    const page = await browserFor(shop).open(`${shop.httpUrl}/oidc/session/end`);
    expect(page.html).not.toContain('<script');
    expect(page.forms).toHaveLength(1);
  });
});
