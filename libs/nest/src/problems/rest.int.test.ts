import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProbe } from '../testing/probe.service.js';
import type { TestService } from '../testing/index.js';

const writer = { scopes: ['notes:write'] };

describe('REST refusals', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startProbe();
  });
  afterAll(() => service.close());

  const problem = async (response: Response): Promise<Record<string, unknown>> => {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ status: response.status, type: `urn:kendt:problem:${String(body['code'])}` });
    return body;
  };
  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> => service.request('/v1/notes', { body, as: writer, headers });

  it('answers a command with its position', async () => {
    const response = await post({ text: 'hello' });
    expect(response.status).toBe(202);
    expect(response.headers.get('kendt-position')).toBeTruthy();
    expect(await response.json()).toEqual({ written: 1 });
  });

  it('points at every mistake, unknown fields too, and repeats no value', async () => {
    const response = await post({ text: '', nested: { tag: 'secret-value', more: 1 }, extra: true });
    expect(response.status).toBe(422);
    const body = await problem(response);
    expect(body['code']).toBe('BODY_INVALID');
    expect((body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual(['/extra', '/nested/more', '/nested/tag', '/text']);
    expect(JSON.stringify(body)).not.toContain('secret-value');
  });

  it('refuses a missing body', async () => {
    const response = await service.request('/v1/notes', { method: 'POST', as: writer });
    expect([response.status, (await problem(response))['code']]).toEqual([422, 'BODY_INVALID']);
  });

  it.each([
    ['broken JSON', '{"text":', 'application/json', 400, 'JSON_INVALID'],
    ['an empty JSON body', '', 'application/json', 400, 'JSON_INVALID'],
    ['a prototype in JSON', '{"__proto__":{"a":1}}', 'application/json', 400, 'JSON_INVALID'],
    ['XML', '<text/>', 'application/xml', 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['plain text', 'hello', 'text/plain', 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['a form where JSON is due', 'text=hello', 'application/x-www-form-urlencoded', 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['a body above 64 KiB', JSON.stringify({ text: 'x'.repeat(64 * 1024) }), 'application/json', 413, 'BODY_TOO_LARGE'],
  ])('refuses %s', async (_, body, type, status, code) => {
    const response = await post(body, { 'content-type': type });
    expect([response.status, (await problem(response))['code']]).toEqual([status, code]);
  });

  it.each([
    ['refused', 409, 'NOTE_REFUSED'],
    ['gone', 410, 'NOTE_GONE'],
    ['busy', 503, 'STORE_BUSY'],
  ])('turns a refusal of the domain (%s) into %i', async (text, status, code) => {
    const response = await post({ text });
    expect([response.status, (await problem(response))['code'], response.headers.get('retry-after')]).toEqual([status, code, status === 503 ? '1' : null]);
  });

  it('says nothing about an unexpected error but where to find it', async () => {
    const response = await post({ text: 'broken' }, { traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` });
    expect(response.status).toBe(500);
    expect(await problem(response)).toEqual({ type: 'urn:kendt:problem:INTERNAL', title: 'Internal', status: 500, code: 'INTERNAL', instance: `urn:kendt:trace:${'ab'.repeat(16)}` });
    expect(response.headers.get('traceparent')).toMatch(new RegExp(`^00-${'ab'.repeat(16)}-[0-9a-f]{16}-01$`));
  });

  it('knows no such route, also where a part of it is missing', async () => {
    for (const path of ['/v1/nothing', '/v1/customers/', '/V1/notes']) {
      const response = await service.request(path);
      expect([path, response.status, (await problem(response))['code']]).toEqual([path, 404, 'NOT_FOUND']);
    }
  });

  it('names the methods that a path has', async () => {
    const response = await service.request('/v1/notes?x=1', { method: 'PUT', body: {} });
    expect([response.status, response.headers.get('allow'), (await problem(response))['code']]).toEqual([405, 'GET, HEAD, POST', 'METHOD_NOT_ALLOWED']);
  });

  it('refuses a malformed path without repeating it', async () => {
    const response = await service.request('/v1/%zz-ida');
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('ida');
  });

  it('gives a page to a browser, but never under /v1', async () => {
    const accept = 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8';
    const page = await service.request('/nothing', { headers: { accept, 'accept-language': 'da' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('Siden findes ikke');
    const api = await service.request('/v1/nothing', { headers: { accept } });
    expect((await problem(api))['code']).toBe('NOT_FOUND');
  });
});
