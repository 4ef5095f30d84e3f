import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { adapters } from '@kendt/by-url';
import { type Kendt, rotateTokenKeys, secretFiles, startService } from '@kendt/nest';
import { type Installed, installed, root, serviceCalled } from './processes.examples.js';
import { services } from './services.js';

let place: Installed;
let running: Kendt[] = [];
beforeAll(async () => (place = await installed()));
afterEach(async () => {
  for (const kendt of running) await kendt.close();
  running = [];
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

const start = async (name: string, more: Record<string, string> = {}): Promise<Kendt> => {
  const service = serviceCalled(name);
  const kendt = await startService(service, adapters, place.environmentOf(service, more));
  running.push(kendt);
  return kendt;
};

describe('a service that runs apart', () => {
  it.each(services.map(({ name }) => name))('%s is ready with its own settings and its own secrets alone', async (name) => {
    const { httpUrl, operatorsUrl } = await start(name);
    const ready = await fetch(`${operatorsUrl}/health/ready`);
    expect(ready.status).toBe(200);
    const { parts } = (await ready.json()) as { parts: { since: string; ok: boolean; needed: boolean }[] };
    expect(parts.filter(({ ok, needed }) => needed && !ok)).toEqual([]);
    expect(parts.every(({ since }) => !Number.isNaN(Date.parse(since)))).toBe(true);
    expect(await (await fetch(`${operatorsUrl}/metrics`)).text()).toContain('kendt_follower_caught_up');
    const command = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', 'idempotency-key': 'one' } };
    expect((await fetch(`${httpUrl}/v1/customers`, command)).status).toBe(name === 'registration' ? 401 : 404); // another service's route is not there
  });

  it('shows the whole interface where the gateway brings who asks for it, and its own part beside it', async () => {
    const service = serviceCalled('registration');
    const kendt = await startService(service, adapters, place.environmentOf(service), { wholeApi: join(root, 'docs/openapi.json') });
    running.push(kendt);
    const paths = async (path: string): Promise<string[]> => Object.keys(((await (await fetch(kendt.httpUrl + path)).json()) as { paths: object }).paths);
    const [whole, own] = [await paths('/docs/openapi.json'), await paths('/docs/service.json')];
    expect([whole.includes('/v1/audit/events'), own.includes('/v1/audit/events')]).toEqual([true, false]);
    expect(own.filter((path) => !whole.includes(path))).toEqual([]);
    expect((await fetch(`${kendt.httpUrl}/docs`)).headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  it('is told every mistake at once', async () => {
    const service = serviceCalled('registration');
    const right = place.environmentOf(service);
    rmSync(join(right['SECRETS_DIR']!, secretFiles.linkKey.file));
    const wrong = { ...right, VIEWS_URL: 'redis://secret@cache', HTTP_PORT: 'http', PUBLIC_URL: '' };
    await expect(startService(service, adapters, wrong)).rejects.toMatchObject({
      mistakes: [
        'PUBLIC_URL is missing.', 'HTTP_PORT is not a number.', expect.stringMatching(/^VIEWS_URL has a scheme that this version does not know/), expect.stringMatching(/link-key is missing/),
      ],
    });
  });
});

describe('keys that sign tokens', () => {
  const issuer = 'http://127.0.0.1:9';
  const tokenOf = async ({ httpUrl }: Kendt): Promise<string> => {
    const secret = readFileSync(join(place.secretsDir, 'clients/compliance'), 'utf8').trim();
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'audit:read' });
    const response = await fetch(`${httpUrl}/oidc/token`, { method: 'POST', body, headers: { authorization: `Basic ${Buffer.from(`compliance:${secret}`).toString('base64')}` } });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const kidOf = (token: string): string => (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;
  const published = async ({ httpUrl }: Kendt): Promise<string[]> => ((await (await fetch(`${httpUrl}/oidc/jwks`)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);

  it('are rotated with an overlap over two instances that go on running, and over those that only check', async () => {
    const shared = { SECRETS_DIR: place.secretsDir, PUBLIC_URL: issuer };
    const [one, two, checking] = [await start('authentication', shared), await start('authentication', shared), await start('audit', shared)];
    const isTaken = async (token: string): Promise<number> => (await fetch(`${checking.httpUrl}/v1/audit/events?limit=1`, { headers: { authorization: `Bearer ${token}` } })).status;
    const before = await tokenOf(one);
    expect(await isTaken(before)).toBe(200);

    const { newKey } = await rotateTokenKeys(place.secretsDir, { now: new Date(), overlapMs: 3000 });
    await sleep(1100); // each looks at the file once a second
    for (const instance of [one, two]) expect(await published(instance)).toEqual([kidOf(before), newKey.kid]);
    for (const instance of [one, two]) expect(kidOf(await tokenOf(instance))).toBe(kidOf(before));

    await sleep(2000);
    for (const instance of [one, two]) {
      const after = await tokenOf(instance);
      expect(kidOf(after)).toBe(newKey.kid);
      expect(await isTaken(after)).toBe(200);
      expect(await published(instance)).toEqual([newKey.kid, kidOf(before)]);
    }
    expect(await isTaken(before)).toBe(200);
  });

  it('are private to authentication: no other service is given them', () => {
    expect(services.filter(({ secrets }) => secrets.includes('tokenKeys')).map(({ name }) => name)).toEqual(['authentication']);
  });
});
