import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TopicLog } from '@kendt/connector';
import { toMessage, topicContracts, topics } from '@kendt/contracts';
import type { Running } from '@kendt/example-console';
import { startWebshop } from './webshop.js';
import { readOptions, type WebshopOptions } from './webshop.options.js';

const at = '2026-03-01T09:30:00.000Z';
let folder: string;
let log: TopicLog;
let running: Running | undefined;
let lines: Record<string, string>[];

const line = async (kind: string, after = 0): Promise<Record<string, string>> => {
  for (let n = 0; n < 1000; n++, await sleep(10)) {
    const found = lines.slice(after).find((one) => one['kind'] === kind);
    if (found) return found;
  }
  throw new Error(`The shop did not say ${kind}`);
};
const start = async (): Promise<string> => {
  const options = { ...(readOptions(['--port', '0', '--json']) as WebshopOptions), topics: `sqlite:${join(folder, 'topics.db')}`, dir: join(folder, 'webshop') };
  const before = lines.length;
  running = await startWebshop(options, (text) => lines.push(JSON.parse(text) as Record<string, string>));
  return (await line('ready', before))['url'] ?? '';
};
const stop = async (): Promise<void> => {
  await running?.stop();
  running = undefined;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kendt-webshop-'));
  log = TopicLog.open(join(folder, 'topics.db'));
  log.ensure(topicContracts({ brands: ['fjord', 'lund'], systems: ['webshop'] }));
  lines = [];
});
afterEach(async () => {
  await stop();
  log.close();
  rmSync(folder, { recursive: true });
});

const send = (topic: string, type: string, id: string, data: object): void => log.publish([toMessage({ topic, type, key: 'ida', source: 'urn:kendt:test', id, time: at, data })]);
const sendProfile = (brandId = 'fjord'): void =>
  send(topics.profiles(brandId), 'kendt.profile.changed.v1', `p-${brandId}`, { customerId: 'ida', brandId, kind: 'full', email: 'ida@example.org', emailVerified: true, name: { given: 'Ida', family: 'Holm' }, language: 'da', consents: [] });
const published = (topic: string): unknown[] => log.poll({ topics: [topic], group: 'test' }).map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as unknown);
const order = (url: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  fetch(`${url}orders`, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams({ formId: 'form-1', customerId: 'ida', sku: 'LAMP-1', quantity: '2', ...fields }) });
const onDisk = (): string => readdirSync(join(folder, 'webshop')).map((file) => readFileSync(join(folder, 'webshop', file), 'latin1')).join('');

describe('the web shop', () => {
  it('sells to a customer of its brand, tells Kendt, and forgets them', async () => {
    sendProfile();
    sendProfile('lund');
    const url = await start();
    send(topics.consents, 'kendt.consent.granted.v1', 'c1', { customerId: 'ida', at, brandId: 'fjord', purposeId: 'newsletter' });
    await line('consent-granted');
    expect(await (await fetch(url)).text()).toContain('Customers that the shop knows: 1. Readers of its newsletter: 1.');

    const first = await order(url);
    expect([first.status, first.headers.get('location')]).toEqual([303, '/orders/W-10001']);
    expect((await order(url)).headers.get('location')).toBe('/orders/W-10001'); // the same form sent twice
    expect(await (await fetch(`${url}orders/W-10001`)).text()).toMatch(/Reading lamp[\s\S]*1,298\.00 DKK/);
    expect(published(topics.purchases('webshop'))).toMatchObject([{ customerId: 'ida', brandId: 'fjord', purchaseId: 'W-10001', total: 129_800, lines: [{ sku: 'LAMP-1', quantity: 2 }] }]);
    expect(published(topics.holdings('webshop'))).toMatchObject([{ record: 'account', basis: 'contract' }, { record: 'W-10001', what: 'order' }]);

    send(topics.erasureTasks, 'kendt.erasure.task-issued.v1', 't1', { taskId: 't', caseId: 'c', customerId: 'ida', systemId: 'webshop', kind: 'erase', issuedAt: at, dueAt: at });
    expect(await line('erasure-answered')).toMatchObject({ outcome: 'erased' });
    expect((await fetch(`${url}orders/W-10001`)).status).toBe(404);
    expect((await order(url, { formId: 'form-2' })).status).toBe(422);
    await stop();
    expect(onDisk()).not.toContain('ida@example.org');
    expect(JSON.stringify(lines)).not.toMatch(/@example|Holm/);
  });

  it('keeps an order that Kendt could not be told of, and tells it at the next start', async () => {
    sendProfile();
    const url = await start();
    const { publish } = TopicLog.prototype;
    TopicLog.prototype.publish = () => {
      throw new Error('The disk is full');
    };
    expect((await order(url)).status).toBe(303);
    TopicLog.prototype.publish = publish;
    expect(published(topics.purchases('webshop'))).toEqual([]);
    await stop();
    await start();
    expect(published(topics.purchases('webshop'))).toHaveLength(1);
  });

  it('says what is wrong with a form, and shows what was typed as text', async () => {
    const url = await start();
    const page = await (await order(url, { customerId: '"><script>' })).text();
    expect(page).toContain('role="alert"');
    expect(page).not.toContain('<script>');
    expect(await (await order(url, { quantity: '0' })).text()).toContain('how many (1 to 99)');
    expect((await order(url, { sku: 'x'.repeat(5000) })).status).toBe(413);
    expect((await order(url, {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('answers under its own name alone, and only what it has', async () => {
    const url = await start();
    const port = Number(new URL(url).port);
    const statusOf = (path: string, method = 'GET', host = 'localhost'): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request({ port, host: '127.0.0.1', path, method, headers: { host } }, (response) => resolve(response.resume().statusCode)).on('error', reject).end();
      });
    expect([await statusOf('/'), await statusOf('/', 'GET', 'rebound.example'), await statusOf('/orders'), await statusOf('/', 'DELETE'), await statusOf('/orders/W-99999')]).toEqual([200, 421, 405, 405, 404]);
  });
});
