import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { latestMail, linkIn } from './mailbox.js';
import { type OwnSystem, startOwn } from './place.js';
import { type Answer, ask, backendToken } from './rest.js';
import { eventually } from './step.js';
import { workspaceFile } from './workspace.js';

interface Wish {
  /** As in docs/openapi.json: `PUT /v1/systems/{id}`. */
  readonly operation: string;
  readonly path: string;
  readonly body?: object;
  readonly as?: 'shop' | 'compliance';
}

const person = { name: { given: 'Ida', family: 'Holm' }, password: 'correct horse battery', language: 'da', consents: [] };
const changes = /^(post|put|patch|delete)$/;

/** Asks only, and keeps no answer. */
const asksOnly = ['POST /v1/customers/find'];

describe('a command whose answer was lost, and is not known any more either', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-lost-'));
  let system: OwnSystem;
  const tokens = new Map<string, string>();
  const done = new Set<string>();
  beforeAll(async () => {
    system = await startOwn(folder);
    const secret = (client: string): string => readFileSync(join(system.place.secretsDir, 'clients', client), 'utf8').trim();
    const scopes = 'customers:register customers:read customers:write consents:write purchases:write erasure:request';
    tokens.set('shop', await backendToken(system.place.url, 'fjord-web', secret('fjord-web'), scopes));
    tokens.set('compliance', await backendToken(system.place.url, 'compliance', secret('compliance'), 'erasure:manage'));
  }, 30_000);
  afterAll(async () => {
    await system.program.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const send = ({ operation, path, body, as = 'shop' }: Wish, key: string): Promise<Answer> =>
    ask(system.place.url, operation.split(' ')[0]!, path, { token: tokens.get(as)!, ...(body && { body }), headers: { 'idempotency-key': key } });

  const inFile = <T>(file: string, work: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(join(folder, file), { timeout: 5000 });
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const forget = (view: string): number => inFile('views.db', (db) => Number(db.prepare('DELETE FROM documents WHERE view LIKE ?').run(`${view}@%`).changes));
  const eventsOf = (category: string): unknown[] => inFile('events.db', (db) => db.prepare('SELECT stream, type FROM events WHERE category = ?').all(category));

  /**
   * What others do about it meanwhile, as a mail or an erasure's tasks, goes on; so only the streams of this command's kind are compared.
   * @param options.behind views that have not got what the command did
   */
  const twice = async (wish: Wish, category: string, { told = ({ text }: Answer): unknown => text, behind = [] as readonly string[] } = {}): Promise<Answer> => {
    const key = randomUUID();
    const first = await send(wish, key);
    expect([wish.operation, first.status, first.status < 300 ? '' : first.text]).toEqual([wish.operation, first.status, '']);
    for (const view of ['idempotency', ...behind]) expect(forget(view)).toBeGreaterThan(0);
    const events = eventsOf(category);
    const again = await send(wish, key);
    expect([wish.operation, again.status, told(again)]).toEqual([wish.operation, first.status, told(first)]);
    expect([wish.operation, eventsOf(category)]).toEqual([wish.operation, events]);
    done.add(wish.operation);
    return again;
  };
  const guest = async (email?: string): Promise<string> => {
    const body = { kind: 'guest', language: 'da', ...(email ? { email } : { phone: '+4520123456' }) };
    return String((await send({ operation: 'POST /v1/customers', path: '/v1/customers', body }, randomUUID())).body['customerId']);
  };

  it('is answered the same and done once', async () => {
    await twice({ operation: 'POST /v1/customers', path: '/v1/customers', body: { kind: 'guest', language: 'da', phone: '+4520123456' } }, 'customer');
    const full = { ...person, kind: 'full', email: 'full@example.org', consents: [{ purposeId: 'newsletter', answer: 'granted', noticeVersion: 1, language: 'da' }] };
    await twice({ operation: 'POST /v1/customers', path: '/v1/customers', body: full }, 'customer');

    const id = await guest('guest@example.org');
    const at = `/v1/customers/${id}`;
    await twice({ operation: 'POST /v1/customers/{id}/upgrade', path: `${at}/upgrade`, body: { ...person, email: 'upgraded@example.org' } }, 'customer');
    await twice({ operation: 'POST /v1/customers/{id}/email-verification', path: `${at}/email-verification` }, 'customer');
    await twice({ operation: 'PATCH /v1/customers/{id}/contact', path: `${at}/contact`, body: { email: 'changed@example.org' } }, 'customer');
    await twice({ operation: 'PUT /v1/customers/{id}/references/{system}', path: `${at}/references/loyalty`, body: { reference: 'L-20114' } }, 'customer');
    await twice({ operation: 'PUT /v1/customers/{id}/consents/{purpose}', path: `${at}/consents/newsletter`, body: { answer: 'granted', noticeVersion: 1, language: 'da' } }, 'consent');
    const lines = [{ sku: 'F-1', name: 'Lamp', quantity: 1, price: 129900 }];
    const purchase = { customerId: id, purchaseId: randomUUID(), orderNumber: 'F-1001', purchasedAt: '2026-03-01T09:00:00.000Z', currency: 'DKK', total: 129900, lines, channel: 'web' };
    await twice({ operation: 'POST /v1/purchases', path: '/v1/purchases', body: purchase }, 'purchases');
    await twice({ operation: 'PUT /v1/customers/{id}/suspension', path: `${at}/suspension`, body: { reason: 'fraud' } }, 'customer');
    await twice({ operation: 'DELETE /v1/customers/{id}/suspension', path: `${at}/suspension` }, 'customer');
    await twice({ operation: 'PUT /v1/customers/{id}/brands/{brand}', path: `${at}/brands/fjord` }, 'customer');
    await twice({ operation: 'DELETE /v1/customers/{id}/brands/{brand}', path: `${at}/brands/fjord` }, 'customer');
    const declared = { name: 'Till', brandIds: ['fjord'], holds: [{ what: 'contact', basis: 'consent' }] };
    await twice({ operation: 'PUT /v1/systems/{id}', path: '/v1/systems/till', body: declared, as: 'compliance' }, 'system');
  }, 60_000);

  it('is answered the same and done once, for an erasure as well', async () => {
    const wish = async (email: string): Promise<Wish> => ({ operation: 'POST /v1/erasure-cases', path: '/v1/erasure-cases', body: { customerId: await guest(email) } });
    await twice(await wish('asks@example.org'), 'erasure', { behind: ['erasure-cases'] }); // killed before the view knew of it
    const email = 'leaves@example.org';
    const asked = await twice(await wish(email), 'erasure');
    const link = await eventually('The mail', async () => {
      const mail = await latestMail(system, email, (html) => html.includes('/erasure/confirm'));
      return mail === undefined ? undefined : new URL(linkIn(mail, '/erasure/confirm'));
    }, 10_000);
    const path = `/v1/erasure-cases/${String(asked.body['caseId'])}/confirm`;
    await twice({ operation: 'POST /v1/erasure-cases/{id}/confirm', path, body: { token: link.searchParams.get('token') } }, 'login', { told: ({ body }) => body['caseId'] }); // it goes on meanwhile
  }, 60_000);

  it('was tried for every command that there is', () => {
    const { paths } = JSON.parse(readFileSync(workspaceFile('docs/openapi.json'), 'utf8')) as { paths: Record<string, object> };
    const commands = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).filter((method) => changes.test(method)).map((method) => `${method.toUpperCase()} ${path}`));
    expect([...done, ...asksOnly].sort()).toEqual([...new Set(commands)].sort());
  });
});
