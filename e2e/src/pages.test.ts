import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { latestMail, linkIn } from './mailbox.js';
import { type OwnSystem, startOwn } from './place.js';
import { ask } from './rest.js';
import { register, registerAtFjord, verifyByMail } from './steps/registering.js';
import { eventually } from './step.js';
import { World } from './world.js';
import { workspaceFile } from './workspace.js';

const axe = readFileSync(createRequire(workspaceFile('package.json')).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env['SCREENSHOTS'];

describe.each(['da', 'en'] as const)('the pages in Chromium, in %s', (lang) => {
  let folder: string;
  let own: OwnSystem;
  let world: World;
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-pages-'));
    own = await startOwn(join(folder, 'data'));
    world = new World(own.place, undefined as never, folder);
    await registerAtFjord.play(world);
    await verifyByMail.play(world);
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await own?.program.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const person = (more: object = {}): Promise<BrowserContext> => browser.newContext({ locale: lang === 'da' ? 'da-DK' : 'en-GB', ...more });

  const login = async (page: Page): Promise<void> => {
    await page.goto(`${own.place.url}/account?lang=${lang}`);
    await page.fill('#email', world.ida.email);
    await page.fill('#password', world.ida.password);
    await page.click('form button:not(.secondary)');
    await page.waitForURL(/\/account/);
  };

  /** Nothing that axe calls serious or critical, at the width of a phone and of a desk. */
  const check = async (page: Page, name: string): Promise<void> => {
    for (const [device, width] of [['phone', 390], ['desk', 1200]] as const) {
      await page.setViewportSize({ width, height: 900 });
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${name}-${lang}-${device}.png`), fullPage: true });
      }
      expect(await serious(page)).toEqual([]);
      expect(await page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(true);
    }
  };

  const serious = async (page: Page): Promise<string[]> => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>('axe.run()');
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  };

  it('login, also after a wrong password', async () => {
    const context = await person();
    const page = await context.newPage();
    await page.goto(own.place.url);
    expect(await page.getAttribute('html', 'lang')).toBe(lang);
    await check(page, 'login');
    await page.fill('#email', world.ida.email);
    await page.fill('#password', 'not the right one');
    await page.click('form button:not(.secondary)');
    await page.waitForSelector('[role=alert]');
    await check(page, 'login-wrong');
    const shop = `client_id=lund-web&response_type=code&scope=openid&redirect_uri=${encodeURIComponent('http://127.0.0.1:3200/callback')}&ui_locales=${lang}`;
    await page.goto(`${own.place.url}/oidc/auth?${shop}&state=s&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256`);
    expect(await page.textContent('body')).toContain('Lund & Lys');
    await check(page, 'login-lund');
    await context.close();
  }, 60_000);

  it('account, erasure and the way back, with scripts off', async () => {
    const context = await person({ javaScriptEnabled: false });
    const page = await context.newPage();
    await login(page);
    expect(await page.textContent('h1')).toBeTruthy();
    await page.click('#fjord-newsletter button');
    await page.waitForSelector('[role=status]');
    await page.click('a.danger');
    await page.waitForURL(/\/account\/erasure/);
    await context.close();
  }, 60_000);

  it('account', async () => {
    const context = await person();
    const page = await context.newPage();
    await login(page);
    await check(page, 'account');
    await page.goto(`${own.place.url}/account/erasure?lang=${lang}`);
    await check(page, 'account-erasure');
    await page.goto(`${own.place.url}/account/data?lang=${lang}`);
    await check(page, 'account-data');
    await context.close();
  }, 60_000);

  it('mailbox and a mail', async () => {
    const context = await person();
    const page = await context.newPage();
    await page.goto(`${own.place.url}/mailbox?lang=${lang}`);
    await check(page, 'mailbox');
    await page.click('a[href^="/mailbox/"]');
    await check(page, 'mail');
    await context.close();
  }, 60_000);

  it('choosing a password, where somebody else may have registered the address first', async () => {
    await register(world, world.bo);
    await register(world, { ...world.bo, password: 'what the owner has typed' });
    const mail = await eventually('The mail with a link', () => latestMail(world, world.bo.email, (text) => text.includes('/verify?token=')));
    const context = await person();
    const page = await context.newPage();
    await page.goto(`${linkIn(mail, '/verify')}&lang=${lang}`);
    await check(page, 'verify-choose');
    await page.fill('#password', 'chosen by the mailbox');
    await page.click('form button');
    await page.waitForSelector('[role=status]');
    await page.goto(`${own.place.url}/account?lang=${lang}`);
    await page.fill('#email', world.bo.email);
    await page.fill('#password', 'chosen by the mailbox');
    await page.click('form button:not(.secondary)');
    await page.waitForURL(/\/account/);
    expect(await page.textContent('main')).toContain(world.bo.email);
    await context.close();
  }, 60_000);

  it('the topics, told for developers', async () => {
    const context = await person();
    const page = await context.newPage();
    await page.goto(`${own.place.url}/docs/topics`);
    await page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
    await check(page, 'topics');
    await context.close();
  }, 60_000);

  it('an error, in words', async () => {
    const context = await person();
    const page = await context.newPage();
    const answer = await page.goto(`${own.place.url}/verify?token=nonsense&lang=${lang}`);
    expect(answer?.status()).toBeGreaterThanOrEqual(400);
    await check(page, 'verify-wrong');
    await context.close();
  }, 60_000);

  it('the confirmation of an erasure and its status', async () => {
    const context = await person();
    const page = await context.newPage();
    await login(page);
    await page.goto(`${own.place.url}/account/erasure?lang=${lang}`);
    await page.click('button.danger');
    await page.waitForSelector('[role=status]');
    const mail = await eventually('The mail to confirm', () => latestMail(world, world.ida.email, (text) => text.includes('/erasure/confirm?token=')));
    await page.goto(`${linkIn(mail, '/erasure/confirm')}&lang=${lang}`);
    await check(page, 'erasure-confirm');
    await page.click('form button');
    await page.waitForURL(/\/erasure\/[0-9a-f-]{36}/);
    expect(await page.textContent('body')).not.toContain(world.ida.family);
    await check(page, 'erasure-status');
    await context.close();
  }, 60_000);

  it('are sent with a policy that allows no script, and cookies that no script can read', async () => {
    const page = await ask(own.place.url, 'GET', '/mailbox', { headers: { accept: 'text/html' } });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe-inline');
    const start = await fetch(new URL('/account', own.place.url), { redirect: 'manual' });
    const first = await fetch(new URL(start.headers.get('location') ?? '', own.place.url), { redirect: 'manual' });
    const cookies = first.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies.map((line) => line.toLowerCase())) {
      expect(cookie).toContain('httponly');
      expect(cookie).toContain('samesite=lax');
    }
  }, 60_000);
});
