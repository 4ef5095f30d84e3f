import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Readiness } from '@kendt/nest';
import { describeWithServers, eventually, rejection } from '@kendt/testing';
import { type MongoDeployment, startMongo } from '@kendt/testing/mongodb';
import { type Standalone, startStandalone } from './standalone.js';

const configDir = join(import.meta.dirname, '../../../config/demo');

describeWithServers('Kendt with its views and keys in MongoDB', () => {
  let mongo: MongoDeployment;
  let folder: string;
  let running: Standalone | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-on-mongodb-'));
    const users = { views: { password: 'v-secret', roles: [{ db: 'views', role: 'readWrite' }] }, keys: { password: 'k-secret', roles: [{ db: 'keys', role: 'readWrite' }] } };
    mongo = await startMongo({ users });
  });
  afterAll(async () => {
    await running?.close();
    await mongo?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = (more: Record<string, string> = {}) => ({
    DATA_DIR: join(folder, 'data'), CONFIG_DIR: configDir, HTTP_PORT: '0', GRPC_PORT: '0', OPERATORS_PORT: '0', VIEWS_PASSWORD: 'v-secret', KEYS_PASSWORD: 'k-secret',
    VIEWS_URL: `mongodb://views@${mongo.hosts}/views?authSource=admin&password=env:VIEWS_PASSWORD`, KEYS_URL: `mongodb://keys@${mongo.hosts}/keys?authSource=admin&password=env:KEYS_PASSWORD`, ...more,
  });

  it('does not start with a wrong password, and names the setting', async () => {
    expect(await rejection(startStandalone(environment({ KEYS_PASSWORD: 'guessed' })))).toMatchObject({ message: 'MongoDB refused the user of KEYS_URL or the password.' });
  });

  it('registers and shows a customer, is not ready while MongoDB is away, says so to callers, and is back by itself', async () => {
    running = await startStandalone(environment());
    const { httpUrl, operatorsUrl } = running.kendt;
    const basic = Buffer.from(`fjord-web:${readFileSync(join(folder, 'data/secrets/clients/fjord-web'), 'utf8').trim()}`).toString('base64');
    const token = await fetch(`${httpUrl}/oidc/token`, { method: 'POST', headers: { authorization: `Basic ${basic}` }, body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'customers:register customers:read' }) });
    const headers = { authorization: `Bearer ${((await token.json()) as { access_token: string }).access_token}`, 'content-type': 'application/json' };
    const registered = await fetch(`${httpUrl}/v1/customers`, { method: 'POST', headers: { ...headers, 'idempotency-key': 'one' }, body: JSON.stringify({ kind: 'guest', language: 'en', email: 'ida.holm@example.org' }) });
    expect([registered.status, registered.headers.get('kendt-position')]).toEqual([201, expect.any(String)]);
    const { customerId } = (await registered.json()) as { customerId: string };
    const show = (after = registered.headers.get('kendt-position') ?? '') => fetch(`${httpUrl}/v1/customers/${customerId}`, { headers: { ...headers, 'kendt-after': after } });
    expect(await (await show()).json()).toMatchObject({ email: 'ida.holm@example.org' });
    const readiness = async (): Promise<Readiness> => (await (await fetch(`${operatorsUrl}/health/ready`)).json()) as Readiness;
    await eventually(async () => (await readiness()).status === 'ready', 'it is ready');

    await mongo.servers[0]!.kill();
    const refused = await show();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ code: 'STORE_AWAY' });
    const { status, parts } = await readiness();
    expect([status, ...parts.filter(({ name }) => name === 'views' || name === 'keys').map(({ ok }) => ok)]).toEqual(['not-ready', false, false]);

    await mongo.servers[0]!.start();
    await eventually(async () => (await readiness()).status === 'ready', 'it is ready again');
    expect(await (await show()).json()).toMatchObject({ email: 'ida.holm@example.org' });
  });
});
