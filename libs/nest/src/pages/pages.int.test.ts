import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProbe } from '../testing/probe.service.js';
import type { TestService } from '../testing/index.js';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('pages', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startProbe();
  });
  afterAll(() => service.close());

  const open = async (target = service): Promise<{ cookie: string; token: string; response: Response; text: string }> => {
    const response = await target.request('/form?name=%3Cscript%3E', { headers: { 'accept-language': 'da' } });
    const text = await response.text();
    return { response, text, cookie: response.headers.get('set-cookie') ?? '', token: /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '' };
  };
  const send = (token: string, cookie: string, text = 'hi'): Promise<Response> =>
    service.request('/form', { body: new URLSearchParams({ _csrf: token, text }).toString(), headers: { ...form, cookie: cookie.split(';')[0] ?? '', accept: 'text/html' } });

  it('are strict about what may run and be kept', async () => {
    const { response, text } = await open();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none';style-src 'self';img-src 'self' data:;form-action 'self';frame-ancestors 'none';base-uri 'none'");
    expect([response.headers.get('x-content-type-options'), response.headers.get('x-frame-options'), response.headers.get('referrer-policy')]).toEqual(['nosniff', 'DENY', 'no-referrer']);
    expect(text).toContain('&lt;script&gt;');
    expect(text).toContain('<h1>Hej</h1>');
  });

  it('take a form with its token', async () => {
    const { token, cookie } = await open();
    expect(cookie).toMatch(/^kendt-csrf=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const response = await send(token, cookie);
    expect([response.status, (await response.text()).includes('hi')]).toEqual([200, true]);
  });

  it('send a browser elsewhere', async () => {
    const { token, cookie } = await open();
    const response = await send(token, cookie, 'away');
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([303, '/form', '']);
  });

  it('refuse a form without token, without cookie, or with those of somebody else', async () => {
    const [mine, other] = [await open(), await open()];
    for (const [token, cookie] of [['', mine.cookie], [mine.token, ''], [mine.token, other.cookie], [mine.token.slice(0, -1), mine.cookie], [mine.token, 'kendt-csrf=short']] as const) {
      const response = await send(token, cookie);
      expect([response.status, response.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
    }
  });

  it('set a cookie for https alone where the public address is https', async () => {
    const secure = await startProbe({ env: { PUBLIC_URL: 'https://id.example.com' } });
    const { cookie, response } = await open(secure);
    await secure.close();
    expect(cookie).toMatch(/^__Host-kendt-csrf=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  it('share one style sheet, which a browser may keep', async () => {
    const sheet = await service.request('/assets/kendt.css');
    expect(sheet.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(await sheet.text()).toContain('prefers-color-scheme: dark');
    const again = await service.request('/assets/kendt.css', { headers: { 'if-none-match': sheet.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  it('leave raw routes to whoever reads the body', async () => {
    const response = await service.request('/raw/echo?x=1', { body: '{not json', headers: { 'content-type': 'application/json' } });
    expect([response.status, await response.text(), response.headers.get('x-content-type-options')]).toEqual([200, '{not json', 'nosniff']);
    expect(response.headers.get('traceparent')).toBeTruthy();
  });

  it('show the documents of the interface, with a policy of their own', async () => {
    const docs = await service.request('/docs');
    expect(docs.status).toBe(200);
    expect(docs.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(docs.headers.get('content-security-policy')).not.toContain("script-src 'self' 'unsafe-inline'");
    const document = (await (await service.request('/docs/openapi.json')).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toEqual(['/v1/notes', '/v1/notes/{noteId}', '/v1/customers/{id}', '/v1/register']);
  });
});
