import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { html } from '../pages/html.js';
import { startTestService, type TestService } from '../testing/index.js';
import { mailboxOpen } from './mailbox.controller.js';
import { Mailer } from './mailer.js';

describe('the mailbox', () => {
  let dir: string;
  let service: TestService;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'kendt-mailbox-'));
    service = await startTestService({ modules: [], env: { MAIL: `dir:${dir}` } });
    const mailer = service.app.get(Mailer);
    const to = { customerId: 'c-1', to: 'ida.holm@example.org', language: 'en' as const, html: html`<script>alert(1)</script>` };
    await mailer.send({ ...to, eventId: 'e-1', subject: 'The first', text: `${service.httpUrl}/verify?token=abc and https://evil.example/x` });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await mailer.send({ ...to, eventId: 'e-2', subject: '<b>The second</b>', text: 'nothing' });
  });
  afterAll(async () => {
    await service.close();
    rmSync(dir, { recursive: true });
  });
  const get = async (path: string): Promise<{ status: number; headers: Headers; text: string }> => {
    const response = await fetch(`${service.httpUrl}${path}`, { headers: { accept: 'text/html', 'accept-language': 'en' } });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  it('shows the newest first, and what somebody typed as text', async () => {
    const { status, text } = await get('/mailbox');
    expect(status).toBe(200);
    expect(text).toContain('&lt;b&gt;The second&lt;/b&gt;');
    expect(text.indexOf('The second')).toBeLessThan(text.indexOf('The first'));
  });

  it('makes our own links ones to follow, and no others', async () => {
    const { text } = await get('/mailbox/c-1.e-1');
    expect(text).toContain(`<a href="${service.httpUrl}/verify?token=abc">`);
    expect(text).toContain('https://evil.example/x');
    expect(text).not.toContain('href="https://evil.example');
  });

  it('runs nothing that a mail brings along', async () => {
    const { text, headers } = await get('/mailbox/c-1.e-1');
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('is in Danish for whoever reads Danish', async () => {
    expect((await get('/mailbox?lang=da')).text).toContain('Postkasse');
  });

  it('has no page for what is no mail', async () => {
    expect((await get('/mailbox/c-1.e-9')).status).toBe(404);
    expect((await get('/mailbox/..%2f..%2fpackage.json')).status).toBe(404);
  });

  it('is closed where mails are really sent, and where others can reach it', () => {
    expect(mailboxOpen({ mail: { kind: 'dir', dir }, publicUrl: 'http://127.0.0.1:3000' })).toBe(true);
    expect(mailboxOpen({ mail: { kind: 'smtp', url: 'smtp://mail' }, publicUrl: 'http://127.0.0.1:3000' })).toBe(false);
    expect(mailboxOpen({ mail: { kind: 'dir', dir }, publicUrl: 'https://id.nordhus.example' })).toBe(false);
  });
});

it('there is no mailbox with a mail server', async () => {
  const service = await startTestService({ modules: [], env: { SMTP_URL: 'smtp://127.0.0.1:1' } });
  const { status } = await fetch(`${service.httpUrl}/mailbox`);
  await service.close();
  expect(status).toBe(404);
});
