import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuditEvent, type CertificatePayload, certificateType } from '@kendt/contracts';
import { readAll } from '@kendt/eventsourcing';
import { SqliteEventStore } from '@kendt/sqlite';
import { CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose';
import { run } from './index.js';

const root = join(process.cwd(), process.cwd().endsWith('cli') ? '../..' : '');
const demo = join(root, 'config/demo');

const payload: CertificatePayload = {
  version: 1, issuer: 'http://kendt.example', issuedAt: '2026-03-02T12:00:00.000Z', caseId: 'case-1', customerId: 'customer-1', controllers: ['fjord'],
  requestedAt: '2026-03-01T12:00:00.000Z', confirmedAt: '2026-03-01T12:10:00.000Z', completedAt: '2026-03-02T12:00:00.000Z',
  erased: [{ where: 'crm', what: ['contact'], at: '2026-03-02T11:00:00.000Z' }],
  keysDestroyed: [{ group: 'contact', algorithm: 'AES-256-GCM', at: '2026-03-01T12:11:00.000Z' }],
  identifiersReleased: 1,
  kept: [{ group: 'evidence', law: 'GDPR art. 5(2)', basis: 'GDPR art. 17(3)(e)' }],
  retained: [{ where: 'erp', record: 'INV-7', what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', until: '2031-12-31' }],
  notHeld: [], unanswered: [],
};

const event = (position: string, type: string, data: object, more: Partial<AuditEvent> = {}): AuditEvent => ({
  position, type, data: data as AuditEvent['data'], stream: 'customer-customer-1', revision: 0, id: position, at: '2026-03-01T12:00:00.000Z', actor: { kind: 'client', id: 'fjord-web' }, channel: 'web', brand: 'fjord',
  commandId: 'c', correlationId: 'c', causationId: 'c', schemaVersion: '1', ...more,
});

describe('kendt', () => {
  let server: Server;
  let url: string;
  let folder: string;
  let key: JWK;
  let asked: { url: string; authorization: string }[] = [];
  let breaks = false;
  const story = [event('1', 'CustomerRegistered', { kind: 'full', brandId: 'fjord' }, { personal: { contact: 'erased' } }), event('2', 'SomethingQuiteNew', { odd: '\u001b[31m' }, { actor: { kind: 'system', id: '\u001b[31merasure' } })];

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '' });
    const path = (request.url ?? '').split('?')[0];
    const send = (status: number, body: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (path === '/.well-known/openid-configuration') return send(200, { token_endpoint: `${url}/oidc/token` });
    if (path === '/oidc/token') return request.headers.authorization === `Basic ${Buffer.from('compliance:right').toString('base64')}` ? send(200, { access_token: 'token-1' }) : send(401, { error: 'invalid_client' });
    if (path === '/v1/audit/keys') return send(200, { keys: [publicKey()] });
    if (request.url?.includes('customer=nobody')) return send(404, { code: 'CUSTOMER_NOT_FOUND', detail: 'No such customer' });
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const each of story) response.write(`${JSON.stringify(each)}\n`);
    if (breaks) setTimeout(() => response.destroy(), 50);
    else response.end();
  };
  const publicKey = (): JWK => ({ kty: 'OKP', crv: 'Ed25519', x: key.x ?? '', kid: 'evidence-1' });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-cli-'));
    key = await exportJWK((await generateKeyPair('EdDSA', { extractable: true })).privateKey);
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(file('keys.json'), JSON.stringify({ keys: [publicKey()] }));
    writeFileSync(file('good.jws'), await sign(payload));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string): string => join(folder, name);
  const sign = async (content: object, typ = certificateType): Promise<string> =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(content))).setProtectedHeader({ alg: 'EdDSA', typ, kid: 'evidence-1' }).sign(key);
  const kendt = async (args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> => {
    asked = [];
    let [out, err] = ['', ''];
    const code = await run(args, { env: { KENDT_CLIENT_SECRET: 'right', KENDT_URL: url, ...env }, out: (text) => void (out += text), err: (text) => void (err += text) });
    return { code, out, err };
  };

  it('tells a story as a table, and never passes control characters on', async () => {
    const { code, out } = await kendt(['audit', 'replay', '--customer', 'customer-1', '--at', '2026-03-02T00:00:00Z']);
    expect(code).toBe(0);
    expect(out).toContain('2026-03-01T12:00:00.000Z  Registered as a full customer of fjord [contact: erased]  client fjord-web');
    expect(out).toContain('Something quite new');
    expect(out).not.toContain('\u001b');
    expect(out).toMatch(/\n\n2 events\.\n$/);
    expect(asked.at(-1)).toEqual({ url: '/v1/audit/events?customer=customer-1&at=2026-03-02T00%3A00%3A00Z&limit=100000', authorization: 'Bearer token-1' });
  });

  it('tells programs one event per line, and says when there may be more', async () => {
    const { out, code } = await kendt(['audit', 'replay', '--case', 'case-1', '--json']);
    expect([code, out.trim().split('\n').map((line) => JSON.parse(line) as object)]).toEqual([0, story]);
    const short = await kendt(['audit', 'replay', '--case', 'case-1', '--limit', '2']);
    expect([short.code, short.err]).toEqual([1, 'There may be more than these 2 events: raise --limit, or go on with --from.\n']);
  });

  it('takes the demo secrets from the data folder', async () => {
    mkdirSync(file('data/secrets/clients'), { recursive: true });
    writeFileSync(file('data/secrets/clients/compliance'), 'right\n');
    const args = ['audit', 'replay', '--customer', 'customer-1'];
    expect((await kendt(args, { KENDT_CLIENT_SECRET: '', DATA_DIR: file('data') })).code).toBe(0);
    writeFileSync(file('data/running.json'), JSON.stringify({ url, secretsDir: file('data/secrets') }));
    expect((await kendt(args, { KENDT_CLIENT_SECRET: '', KENDT_URL: '', DATA_DIR: file('data') })).code).toBe(0);
    const without = await kendt(args, { KENDT_CLIENT_SECRET: '', DATA_DIR: file('nothing') });
    expect([without.code, without.err]).toEqual([1, expect.stringMatching(/^There is no secret for compliance: .*\n$/)]);
  });

  it('says in one sentence what went wrong', async () => {
    const said = async (args: string[], env = {}): Promise<string> => {
      const { code, err } = await kendt(['audit', 'replay', ...args], env);
      return `${code} ${err.trim()}`;
    };
    expect(await said(['--customer', 'nobody'])).toBe('1 Kendt said no (404 CUSTOMER_NOT_FOUND): No such customer.');
    expect(await said(['--customer', 'customer-1'], { KENDT_CLIENT_SECRET: 'wrong' })).toMatch(/^1 compliance was not let in \(401\)/);
    expect(await said(['--customer', 'customer-1', '--url', 'http://127.0.0.1:1'])).toBe('1 Kendt cannot be reached at http://127.0.0.1:1: is it running?');
    expect(await said(['--customer', 'customer-1', '--url', 'here'])).toMatch(/^1 --url must be/);
    expect(await said([])).toMatch(/^1 Say what to tell/);
    expect(await said(['--who', 'ida'])).toMatch(/^2 error: unknown option/);
    breaks = true;
    expect(await said(['--customer', 'customer-1'])).toBe('1 The connection broke before everything was told.');
    breaks = false;
  });

  it('verifies a certificate with the public key alone, offline', async () => {
    const { code, out } = await kendt(['audit', 'verify-certificate', file('good.jws'), '--key', file('keys.json')]);
    expect(code).toBe(0);
    expect(asked).toEqual([]);
    for (const said of ['crm: contact', 'erp: invoice INV-7 until 2031-12-31 (bogføringsloven § 12', 'evidence (GDPR art. 5(2)', 'signature: valid (key evidence-1)']) expect(out).toContain(said);
    writeFileSync(file('good.json'), JSON.stringify({ jws: readFileSync(file('good.jws'), 'utf8'), payload: 'never looked at' }));
    expect((await kendt(['audit', 'verify-certificate', file('good.json'), '--key', `${url}/v1/audit/keys`])).code).toBe(0);
    expect(JSON.parse((await kendt(['audit', 'verify-certificate', file('good.jws'), '--json'])).out)).toEqual({ valid: true, kid: 'evidence-1', payload });
  });

  it('finds every changed byte, and tells nothing of what such a certificate says', async () => {
    const good = readFileSync(file('good.jws'), 'utf8');
    for (let n = 0; n < good.length - 1; n += 97) {
      writeFileSync(file('bad.jws'), `${good.slice(0, n)}${good[n] === 'A' ? 'B' : 'A'}${good.slice(n + 1)}`);
      const { code, out } = await kendt(['audit', 'verify-certificate', file('bad.jws'), '--key', file('keys.json')]);
      expect([n, code, out.split('\n')[0]]).toEqual([n, 1, 'signature: INVALID']);
      expect(out).not.toContain('crm');
    }
  });

  it('takes nothing else for a certificate', async () => {
    const verdict = async (content: string): Promise<string> => {
      writeFileSync(file('other'), content);
      const { code, out, err } = await kendt(['audit', 'verify-certificate', file('other'), '--key', file('keys.json')]);
      return `${code} ${out}${err}`;
    };
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.`;
    expect(await verdict(unsigned)).toMatch(/^1 signature: INVALID/);
    expect(await verdict(await sign(payload, 'at+jwt'))).toMatch(/^1 signature: INVALID\nIt is signed, but it is no erasure certificate/);
    expect(await verdict(await sign({ ...payload, version: 2 }))).toMatch(/^1 signature: INVALID\nIt is signed, but it does not say/);
    expect(await verdict('{"hello":1}')).toMatch(/^1 The file holds JSON, but no certificate/);
    expect(await verdict('')).toMatch(/^1 signature: INVALID/);
    expect((await kendt(['audit', 'verify-certificate', file('none'), '--key', file('keys.json')])).err).toMatch(/cannot be read\.\n$/);
  });

  it('checks and applies the configuration files', async () => {
    expect(await kendt(['config', 'check', demo])).toEqual({ code: 0, out: expect.stringMatching(/config\/demo is right: 2 brands, \d+ clients, 5 purposes, 2 systems\.\n$/), err: '' });
    mkdirSync(file('wrong'));
    writeFileSync(file('wrong/brands.yaml'), 'brands: [');
    const wrong = await kendt(['config', 'check', file('wrong')]);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/brands\.yaml/);
    expect(wrong.err).toMatch(/clients\.yaml is missing/);
    const apply = (): Promise<{ out: string }> => kendt(['config', 'apply', demo], { EVENT_STORE_URL: `sqlite:${file('events.db')}` });
    expect((await apply()).out).toMatch(/^Changed: 2 brands/);
    expect((await apply()).out).toBe('Nothing has changed.\n');
    const store = await SqliteEventStore.open(file('events.db'));
    expect((await readAll(store, 'system-erp'))[0]?.metadata.actorId).toBe('config');
    await store.close();
  });

  it('says why an event store cannot be opened, and never repeats its address', async () => {
    const apply = (url: string): Promise<{ code: number; err: string }> => kendt(['config', 'apply', demo], { EVENT_STORE_URL: url });
    expect(await apply('mongodb://user:geheim@db')).toMatchObject({ code: 1, err: expect.stringContaining('it must begin with sqlite: or kurrentdb:') as unknown });
    expect(await apply('kurrentdb://user:geheim@db')).toMatchObject({ code: 1, err: expect.stringContaining('EVENT_STORE_PASSWORD') as unknown });
    expect(await apply('kurrentdb://127.0.0.1:1?tls=false')).toMatchObject({ code: 1, err: expect.stringContaining('does not answer') as unknown });
    expect((await apply('kurrentdb://user:geheim@db')).err).not.toContain('geheim');
  });

  it('explains itself', async () => {
    for (const args of [['--help'], ['audit', '--help'], ['audit', 'replay', '--help'], ['config', 'apply', '--help']]) {
      const { code, out } = await kendt(args);
      expect([code, out]).toEqual([0, expect.stringContaining('Usage: kendt')]);
    }
    expect((await kendt(['dance'])).code).toBe(2);
  });
});
