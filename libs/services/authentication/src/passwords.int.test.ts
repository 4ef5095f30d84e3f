import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { credentialStream, customerStream, loginStream } from '@kendt/domain';
import { readAll } from '@kendt/eventsourcing';
import { type SeenPage } from '@kendt/testing';
import { browserFor, logIn, password, type Shop, ShopClient, startShop, suspend } from './testing/service.examples.js';

jest.setTimeout(60_000); // a refusal takes a fifth of a second on purpose, and there are many

let shop: Shop;
let now = Date.now();
beforeAll(async () => {
  shop = await startShop({ clock: () => new Date(now) });
});
afterAll(() => shop.close());

const types = async (stream: string): Promise<string[]> => (await readAll(shop.events, stream)).map(({ type }) => type);

const loginForm = async (more: Readonly<Record<string, string>> = {}, language = 'en') => {
  const browser = browserFor(shop, language);
  return { browser, page: await browser.open(await (await ShopClient.of(shop, 'fjord-web')).signInUrl(more)) };
};

const attempt = async (email: string, tried: string): Promise<SeenPage> => {
  const { browser, page } = await loginForm();
  return logIn(browser, page, email, tried);
};

/** What may differ: the address typed, the token of the form, the id of the login. */
const comparable = ({ html, status, headers }: SeenPage, email: string): string =>
  [status, headers.get('content-security-policy'), html.replaceAll(email, 'E').replace(/name="_csrf" value="[^"]*"/, '').replaceAll(/\/login\/[\w-]+/g, '/login/U')].join('\n');

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const lock = async (email: string): Promise<void> => {
  for (let n = 0; n < 10; n++) await attempt(email, `wrong ${n}`);
};

describe('a refused password', () => {
  it('looks the same for unknown, wrong, locked and suspended', async () => {
    const locked = await shop.person('locked@example.org');
    await shop.person('wrong@example.org');
    await lock('locked@example.org');
    expect(await types(credentialStream(locked))).toEqual(['PasswordSet', 'CredentialsLocked']);
    await suspend(shop, await shop.person('suspended@example.org'));
    const emails = ['nobody@example.org', 'wrong@example.org', 'locked@example.org', 'suspended@example.org'];
    const pages = await Promise.all(emails.map((email) => attempt(email, 'not this one')));
    const right = ['locked@example.org', 'suspended@example.org'].map(async (email) => comparable(await attempt(email, password), email));
    const [first, ...others] = [...pages.map((page, n) => comparable(page, emails[n] ?? '')), ...(await Promise.all(right))];
    expect(first).toContain('422');
    for (const other of others) expect(other).toBe(first);
  });

  it('takes the same time for unknown, wrong, locked and suspended', async () => {
    const wrong = 'slow@example.org';
    await shop.person(wrong);
    await shop.person('slow-locked@example.org');
    await lock('slow-locked@example.org');
    await suspend(shop, await shop.person('slow-suspended@example.org'));
    const times: Record<string, number[]> = { [wrong]: [], 'slow-nobody@example.org': [], 'slow-locked@example.org': [], 'slow-suspended@example.org': [] };
    for (let n = 0; n < 7; n++)
      for (const email of Object.keys(times)) {
        const { browser, page } = await loginForm();
        const tried = email === 'slow-suspended@example.org' ? password : 'not this one';
        times[email]?.push(await timed(() => logIn(browser, page, email, tried)));
      }
    const medians = Object.values(times).map(median);
    expect(Math.max(...medians) - Math.min(...medians)).toBeLessThan(40);
    expect(Math.min(...medians)).toBeGreaterThanOrEqual(195);
  });

  it('adds nothing while locked, and opens after a quarter of an hour with a new count', async () => {
    const email = 'patient@example.org';
    const customerId = await shop.person(email);
    await lock(email);
    await attempt(email, 'still wrong');
    expect((await types(loginStream(customerId))).filter((type) => type === 'LoginFailed')).toHaveLength(10);
    now += 15 * 60_000 + 1000;
    await attempt(email, 'wrong once more');
    expect((await types(credentialStream(customerId))).filter((type) => type === 'CredentialsLocked')).toHaveLength(1);
    expect((await attempt(email, password)).url).toContain('http://127.0.0.1:3100/callback?code=');
  });

  it('is counted from the last success', async () => {
    const email = 'forgetful@example.org';
    const customerId = await shop.person(email);
    for (let n = 0; n < 9; n++) await attempt(email, 'wrong');
    expect((await attempt(email, password)).url).toContain('?code=');
    await attempt(email, 'wrong');
    expect(await types(credentialStream(customerId))).toEqual(['PasswordSet']);
  });

  it('is refused without an error when fields are missing or far too long', async () => {
    for (const [email, tried] of [['', ''], ['x@example.org', ''], ['x@example.org', 'p'.repeat(2000)]] as const) expect((await attempt(email, tried)).status).toBe(422);
  });
});

describe('many at once', () => {
  it('each get their own answer', async () => {
    const emails = ['one', 'two', 'three', 'four'].map((name) => `${name}-at-once@example.org`);
    const ids = await Promise.all(emails.map((email) => shop.person(email)));
    const signIn = async (email: string, tried: string): Promise<string | number> => {
      const [web, browser] = [await ShopClient.of(shop, 'fjord-web'), browserFor(shop)];
      const done = await logIn(browser, await browser.open(await web.signInUrl()), email, tried);
      return done.status === 422 ? 422 : String((await web.tokens(done.url)).claims()?.sub);
    };
    const answers = await Promise.all([...emails.map((email) => signIn(email, password)), ...emails.map((email) => signIn(email, 'wrong'))]);
    expect(answers).toEqual([...ids, 422, 422, 422, 422]);
  });
});

describe('an e-mail that is not confirmed', () => {
  it('is told with the right password, and the link is sent again', async () => {
    const customerId = await shop.person('new@example.org', { verified: false });
    const page = await attempt('new@example.org', password);
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('Confirm your e-mail first')]);
    await attempt('new@example.org', password);
    expect(await types(customerStream(customerId))).toEqual(expect.arrayContaining(['CustomerRegistered', 'EmailVerificationRequested']));
    expect(await types(loginStream(customerId))).toEqual([]);
  });

  it('is not told with a wrong one', async () => {
    await shop.person('new-too@example.org', { verified: false });
    expect((await attempt('new-too@example.org', 'wrong')).status).toBe(422);
  });
});

describe('the login page', () => {
  it('speaks the language asked for, in the look of the brand', async () => {
    const { page: danish } = await loginForm({ ui_locales: 'da' });
    expect([danish.text, danish.html]).toEqual([expect.stringContaining('Adgangskode'), expect.stringContaining('accent-fjord')]);
    expect((await loginForm({}, 'da')).page.html).toContain('<html lang="da">');
    expect((await loginForm()).page.html).toContain('<html lang="en">');
    const { browser, page } = await loginForm();
    const switched = await browser.open(new URL(page.links.find(({ text }) => text === 'Dansk')?.href ?? '', page.url));
    expect((await logIn(browser, switched, 'nobody@example.org', 'wrong')).text).toContain('Vi kender ikke');
  });

  it('has no script, and a policy that lets the form end at the shop and nowhere else', async () => {
    const { page } = await loginForm();
    expect(page.html).not.toMatch(/<script|style=|onclick/);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("form-action 'self' http://127.0.0.1:3100");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
  });

  it('refuses a form without its token', async () => {
    const { browser, page } = await loginForm();
    const [form] = page.forms;
    if (!form) throw new Error('no form');
    const forged = await browser.submit(page, { ...form, fields: {} }, { email: 'ida@example.org', password });
    expect(forged.status).toBe(403);
  });

  it('belongs to the browser that began', async () => {
    const { page } = await loginForm();
    const other = await browserFor(shop).open(page.url);
    expect([other.status, other.text]).toEqual([410, expect.stringContaining('This sign-in has expired')]);
  });

  it('never takes a password from the address', async () => {
    await shop.person('query@example.org');
    const { browser, page } = await loginForm();
    const [form] = page.forms;
    if (!form) throw new Error('no form');
    const action = `${form.action}&email=query@example.org&password=${encodeURIComponent(password)}`;
    expect((await browser.submit(page, { ...form, action }, { email: '', password: '' })).status).toBe(422);
  });
});

describe('cookies', () => {
  it('are HttpOnly, SameSite=Lax and signed', async () => {
    const response = await fetch(await (await ShopClient.of(shop, 'fjord-web')).signInUrl(), { redirect: 'manual' });
    await response.text();
    const lines = response.headers.getSetCookie();
    expect(lines.map((line) => line.split('=')[0])).toEqual(expect.arrayContaining(['kendt-login', 'kendt-login.sig', 'kendt-resume', 'kendt-resume.sig']));
    for (const line of lines) expect(line.toLowerCase()).toMatch(/httponly/);
    for (const line of lines) expect(line.toLowerCase()).toMatch(/samesite=lax/);
    expect(lines.join()).not.toMatch(/secure/i);
  });

  it('are Secure where the public address has TLS, whatever the Host header says', async () => {
    const secure = await startShop({ env: { PUBLIC_URL: 'https://id.nordhus.example' } });
    try {
      const query = new URLSearchParams({ client_id: 'kendt-account', response_type: 'none', scope: 'openid', redirect_uri: 'https://id.nordhus.example/account' });
      const response = await secure.request(`/oidc/auth?${query.toString()}`, { headers: { 'x-forwarded-host': 'evil.example' } });
      await response.text();
      for (const line of response.headers.getSetCookie()) expect(line.toLowerCase()).toMatch(/; secure/);
      const discovery = (await (await secure.request('/.well-known/openid-configuration')).json()) as Record<string, string>;
      expect([discovery['issuer'], discovery['token_endpoint']]).toEqual(['https://id.nordhus.example', 'https://id.nordhus.example/oidc/token']);
    } finally {
      await secure.close();
    }
  });
});

describe('too many attempts', () => {
  it('are held back per e-mail, also from elsewhere', async () => {
    const strict = await startShop({ env: { RATE_IDENTIFIER_PER_MINUTE: '3' } });
    try {
      const statuses: number[] = [];
      for (let n = 0; n < 4; n++) {
        const browser = browserFor(strict);
        const page = await browser.open(await (await ShopClient.of(strict, 'fjord-web')).signInUrl());
        statuses.push((await logIn(browser, page, n % 2 ? 'Ida@Example.org ' : 'ida@example.org', 'wrong')).status);
      }
      expect(statuses).toEqual([422, 422, 422, 429]);
    } finally {
      await strict.close();
    }
  });
});
