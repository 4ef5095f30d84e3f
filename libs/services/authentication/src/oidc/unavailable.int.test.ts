import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { View, Views } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { memoryPorts } from '@kendt/nest/testing';
import * as client from 'openid-client';
import { pino } from 'pino';
import { browserFor, logIn, type Shop, ShopClient, startShop } from '../testing/service.examples.js';

/** Fails as the adapter of MongoDB does. */
class ViewsThatGo {
  away = false;

  over(views: Views): Views {
    return { open: async (definition) => this.#over(await views.open(definition)), names: () => views.names(), drop: (name) => views.drop(name), close: () => views.close() };
  }

  #over<T extends object>(view: View<T>): View<T> {
    return new Proxy(view, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          if (this.away) throw new Refusal('STORE_AWAY', 'The store of views does not answer at this moment; try again', 'busy');
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  }
}

const store = new ViewsThatGo();
const lines: Record<string, unknown>[] = [];
let shop: Shop;
let web: ShopClient;
let tokens: Awaited<ReturnType<ShopClient['tokens']>>;

beforeAll(async () => {
  const ports = memoryPorts();
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  shop = await startShop({ ports: { ...ports, views: store.over(ports.views) }, logger });
  await shop.person('away@example.org');
  web = await ShopClient.of(shop, 'fjord-web');
  const browser = browserFor(shop);
  tokens = await web.tokens((await logIn(browser, await browser.open(await web.signInUrl()), 'away@example.org')).url);
});
beforeEach(() => {
  store.away = true;
  lines.length = 0;
});
afterAll(async () => {
  store.away = false;
  await shop.close();
});

const said = (): unknown[] => lines.filter(({ msg }) => String(msg).startsWith('The OpenID provider'));
const oneLine = [expect.objectContaining({ level: 40, code: 'STORE_AWAY' })];
const post = (path: string, body: Record<string, string>): Promise<Response> =>
  fetch(`${shop.httpUrl}${path}`, { method: 'POST', body: new URLSearchParams(body), headers: { authorization: `Basic ${Buffer.from(`fjord-web:${shop.secrets.clients['fjord-web']}`).toString('base64')}` } });
const unavailable = async (response: Response): Promise<void> => {
  expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([503, '1', { error: 'temporarily_unavailable', error_description: 'try again in a moment' }]);
  expect(said()).toEqual(oneLine);
};

describe('while the store of views is away', () => {
  it('the token endpoint says so, and the same refresh token serves afterwards', async () => {
    await unavailable(await post('/oidc/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }));
    store.away = false;
    tokens = { ...tokens, ...(await client.refreshTokenGrant(web.config, tokens.refresh_token ?? '')) };
  });

  it.each(['a JWT', 'an opaque token'])('introspection of %s says so, and not that it is dead', async (kind) => {
    await unavailable(await post('/oidc/introspection', { token: (kind === 'a JWT' ? tokens.access_token : tokens.refresh_token) ?? '' }));
  });

  it('userinfo says so', async () => {
    await unavailable(await fetch(`${shop.httpUrl}/oidc/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } }));
  });

  it('revocation says so', async () => {
    await unavailable(await post('/oidc/revocation', { token: tokens.refresh_token ?? '' }));
  });

  it('who wants to sign in is sent back to the shop with the error that OAuth has for it', async () => {
    const response = await fetch(await web.signInUrl(), { redirect: 'manual' });
    const target = new URL(response.headers.get('location') ?? 'none:');
    expect([response.status, target.origin, target.searchParams.get('error')]).toEqual([303, 'http://127.0.0.1:3100', 'temporarily_unavailable']);
    expect(said()).toEqual(oneLine);
  });

  it('our own pages say so: the login page when it is asked for and when the password is sent, and the account', async () => {
    store.away = false;
    const browser = browserFor(shop);
    const login = await browser.open(await web.signInUrl());
    const form = login.forms.find(({ names }) => names.includes('password'))!;
    const signedIn = browserFor(shop);
    await logIn(signedIn, await signedIn.open(await web.signInUrl()), 'away@example.org');
    store.away = true;
    const pages = [await browser.open(login.url), await browser.submit(login, form, { email: 'away@example.org', password: 'whatever it is' }), await signedIn.open(`${shop.httpUrl}/account`)];
    expect(pages.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([[503, '1'], [503, '1'], [503, '1']]);
  });

  it('who wants to sign in with a session that cannot be looked up as well', async () => {
    store.away = false;
    const browser = browserFor(shop);
    await logIn(browser, await browser.open(await web.signInUrl()), 'away@example.org');
    lines.length = 0;
    store.away = true;
    const page = await browser.open(await web.signInUrl());
    expect(new URL(page.url).searchParams.get('error')).toBe('temporarily_unavailable');
    expect(said()).toEqual(oneLine);
  });
});
