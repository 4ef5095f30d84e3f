import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Certificate, CertificatePayload, ErasureCase, Holdings } from '@kendt/contracts';
import { toMessage, topics as names } from '@kendt/contracts';
import { claimStream, credentialStream, customerStream, purchasesStream } from '@kendt/domain';
import { compactVerify, importJWK } from 'jose';
import { Installation, ida, invoice, until } from './erasure.examples.js';

const manager = { clientId: 'compliance', scopes: ['erasure:manage'] };

describe('an erasure from request to certificate', () => {
  let shop: Installation;
  let customerId: string;
  let caseId: string;
  const asIda = () => ({ customerId, scopes: ['account'], clientId: 'fjord-web', brand: 'fjord' });
  const page = (path: string, init?: RequestInit) => fetch(shop.service.httpUrl + path, { redirect: 'manual', ...init });
  const caseNow = async (): Promise<ErasureCase> => (await (await shop.service.request(`/v1/erasure-cases/${caseId}`, { as: manager })).json()) as ErasureCase;

  beforeAll(async () => {
    shop = await Installation.open();
    await shop.declare('crm', 'erp');
    customerId = await shop.register();
    await shop.start();
    shop.runSystem('crm', () => ({ outcome: 'erased' }));
    shop.runSystem('erp', () => ({ outcome: 'retained', retained: [invoice] }));
    await reportHolding('crm', 'contact-7', 'contact', 'consent');
    await reportHolding('erp', invoice.record, 'invoice', 'legal-obligation');
  });
  afterAll(() => shop.end());

  const reportHolding = (systemId: string, record: string, what: string, basis: string) =>
    shop.ports.topics.publish([
      toMessage({ topic: names.holdings(systemId), key: customerId, type: 'kendt.holding.reported.v1', source: `urn:${systemId}`, id: record, time: '2026-03-01T09:00:00.000Z', data: { customerId, record, what, basis, at: '2026-03-01T09:00:00.000Z' } }),
    ]);

  it('shows the customer what is held where', async () => {
    const holdings = await until(async () => {
      const answer = (await (await shop.service.request('/v1/customers/me/holdings', { as: asIda() })).json()) as Holdings;
      return answer.holdings.length === 2 && answer.holdings;
    });
    expect(holdings).toContainEqual(expect.objectContaining({ systemId: 'crm', record: 'contact-7', basis: 'consent' }));
  });

  it('is requested by the customer, and requested again it is the same case', async () => {
    const answer = await shop.service.request('/v1/erasure-cases', { body: { language: 'en' }, as: asIda() });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('kendt-position')).toBeTruthy();
    ({ caseId } = (await answer.json()) as { caseId: string });
    const again = await shop.service.request('/v1/erasure-cases', { body: { customerId }, as: { scopes: ['erasure:request'], brand: 'fjord' } });
    expect(await again.json()).toEqual({ caseId, status: 'requested' });
    const case_ = await caseNow();
    expect(case_).toMatchObject({ status: 'requested', customerId, tasks: [] });
    expect(new Date(case_.dueAt).getTime() - new Date(case_.requestedAt).getTime()).toBeGreaterThanOrEqual(28 * 86_400_000);
  });

  it('has no certificate yet', async () => {
    const answer = await shop.service.request(`/v1/erasure-cases/${caseId}/certificate`, { as: manager });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'ERASURE_NOT_COMPLETED']);
  });

  it('asks by mail, in the language asked for, and opening the link changes nothing', async () => {
    const token = await shop.confirmToken();
    expect(shop.mails().join()).toContain('Confirm that your data shall be erased');
    const shown = await page(`/erasure/confirm?token=${token}&lang=da`);
    const html = await shown.text();
    expect(shown.status).toBe(200);
    expect(html).toContain('CRM og ERP');
    expect(html).not.toContain(ida.email);
    expect((await caseNow()).status).toBe('requested');
    const post = await page('/erasure/confirm', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `token=${token}` });
    expect(post.status).toBe(403); // no form token
    expect((await page('/erasure/confirm?token=eyJhbGciOiJub25lIn0.e30.', { headers: { accept: 'text/html' } })).status).toBe(404);
  });

  it('begins with the button, and freezes the customer at once', async () => {
    const token = await shop.confirmToken();
    const shown = await page(`/erasure/confirm?token=${token}`);
    const csrf = /name="_csrf" value="([^"]+)"/.exec(await shown.text())?.[1] ?? '';
    const cookie = (shown.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const post = await page('/erasure/confirm?lang=da', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', cookie }, body: new URLSearchParams({ token, _csrf: csrf }).toString() });
    expect([post.status, post.headers.get('location')]).toEqual([303, `/erasure/${caseId}?lang=da`]);
    expect((await shop.service.request(`/v1/erasure-cases/${caseId}`, { as: asIda() })).status).toBe(401);
    const again = await page(`/erasure/confirm?token=${token}`);
    expect([again.status, again.headers.get('location')]).toEqual([303, `/erasure/${caseId}?lang=en`]);
  });

  it('is completed when both systems have answered', async () => {
    const done = await until(async () => (await caseNow()).status === 'completed' && caseNow());
    expect(done.tasks.map(({ systemId, status }) => `${systemId} ${status}`).sort()).toEqual(['crm erased', 'erp retained']);
    expect(done.retained).toEqual([{ ...invoice, systemId: 'erp', ended: false }]);
    expect(done.keysDestroyed.map(({ group }) => group)).toEqual(['contact', 'credential', 'purchases']);
    const types = await shop.caseEvents(caseId);
    expect(types.filter((type) => type === 'TaskIssued')).toHaveLength(2);
    expect(types.at(-1)).toMatch(/ErasureCompleted|DataRetained|KeysDestroyed/);
    expect(types.indexOf('KeysDestroyed')).toBeGreaterThan(Math.min(types.indexOf('TaskPublished'), types.indexOf('TaskAcknowledged')));
  });

  it('has left nothing personal, and gives the address back', async () => {
    expect((await shop.events(customerStream(customerId))).map(({ personal }) => personal).filter(Boolean)).toEqual([{ contact: 'erased' }]);
    expect((await shop.events(credentialStream(customerId))).map(({ type }) => type)).toEqual(['PasswordSet', 'CredentialsDestroyed']);
    expect((await shop.events(purchasesStream(customerId)))[0]?.personal).toEqual({ purchases: 'erased' });
    expect((await shop.events(claimStream(shop.claimOf(ida.email)))).at(-1)?.type).toBe('IdentifierReleased');
    await until(async () => shop.mails().length === 0);
    const second = await shop.register(); // throws when the address is still claimed
    expect(second).not.toBe(customerId);
  });

  it('keeps on the map what the law keeps, and only that', async () => {
    const held = async () => ((await (await shop.service.request(`/v1/customers/${customerId}/holdings`, { as: manager })).json()) as Holdings).holdings;
    const [only, ...others] = await until(async () => (await held()).every(({ systemId }) => systemId === 'erp') && held());
    expect(only).toMatchObject({ systemId: 'erp', record: invoice.record, law: invoice.law, until: invoice.until });
    expect(others).toEqual([]);
  });

  it('has a certificate that anybody can verify, the same each time', async () => {
    const answer = await shop.service.request(`/v1/erasure-cases/${caseId}/certificate`, { as: manager });
    const { jws, payload } = (await answer.json()) as Certificate;
    const compact = await shop.service.request(`/v1/erasure-cases/${caseId}/certificate`, { as: manager, headers: { accept: 'application/jose' } });
    expect([compact.headers.get('content-type'), await compact.text()]).toEqual([expect.stringContaining('application/jose'), jws]);
    expect(await (await page(`/erasure/${caseId}/certificate`)).text()).toBe(jws);
    const { d: _, ...publicKey } = shop.secrets.evidenceKey;
    const verified = await compactVerify(jws, await importJWK(publicKey, 'EdDSA'));
    expect(verified.protectedHeader).toEqual({ alg: 'EdDSA', typ: 'kendt-erasure-certificate+jws', kid: publicKey.kid });
    expect(JSON.parse(new TextDecoder().decode(verified.payload))).toEqual(payload);
    expect(payload).toMatchObject(certified);
    const [head, body = '', signature] = jws.split('.');
    const changed = `${body.slice(0, 20)}${body[20] === 'A' ? 'B' : 'A'}${body.slice(21)}`;
    await expect(compactVerify(`${head}.${changed}.${signature}`, await importJWK(publicKey, 'EdDSA'))).rejects.toThrow();
  });

  const certified: Partial<CertificatePayload> = {
    issuer: 'http://kendt.example',
    controllers: ['fjord'],
    erased: [expect.objectContaining({ where: 'crm', what: ['contact'] }) as never],
    retained: [{ where: 'erp', ...invoice }],
    identifiersReleased: 1,
    kept: [{ group: 'evidence', law: 'GDPR art. 5(2)', basis: expect.stringContaining('17(3)(e)') as never }],
    notHeld: [],
    unanswered: [],
  };

  it('has a page that shows the end of it, and no personal data', async () => {
    const html = await (await page(`/erasure/${caseId}?lang=da`)).text();
    expect(html).toContain('Dine oplysninger er slettet');
    expect(html).toContain('31. december 2031');
    expect(html).toContain(`/erasure/${caseId}/certificate`);
    expect(html).not.toContain(customerId);
    expect((await page('/erasure/00000000-0000-4000-8000-000000000000', { headers: { accept: 'text/html' } })).status).toBe(404);
  });
});
