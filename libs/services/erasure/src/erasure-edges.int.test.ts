import { chmodSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadPackageDefinition, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { protoFile, protoLoaderOptions } from '@kendt/contracts';
import { claimStream, customer, customerStream, erasure, erasureStream } from '@kendt/domain';
import { decision, handle, randomId } from '@kendt/eventsourcing';
import { type Followers, generateSecrets, LinkTokens } from '@kendt/nest';
import { CaseIds } from './case-ids.js';
import type { ErasureCases } from './erasure-cases.projection.js';
import { ErasureDeadlines } from './index.js';
import { RequestErasureCommand, RequestErasureHandler } from './request-erasure.handler.js';
import { ida, Installation, until } from './erasure.examples.js';

const client = { scopes: ['erasure:request'], brand: 'fjord' };
const manager = { clientId: 'compliance', scopes: ['erasure:manage'] };

describe('at the edge of erasure', () => {
  let shop: Installation;
  let customerId: string;

  beforeEach(async () => {
    shop = await Installation.open();
    customerId = await shop.register();
    await shop.start();
  });
  afterEach(() => shop.end());

  const code = async (path: string, options: Parameters<Installation['service']['request']>[1]): Promise<string> => {
    const answer = await shop.service.request(path, options);
    return `${answer.status} ${((await answer.json()) as { code?: string }).code ?? ''}`;
  };

  it('tells another brand nothing, not even that somebody exists', async () => {
    const lund = { scopes: ['erasure:request', 'erasure:manage'], brand: 'lund', clientId: 'lund-web' };
    const unknown = '0192f0c1-0000-7000-8000-000000000000';
    expect(await code('/v1/erasure-cases', { body: { customerId }, as: lund })).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code('/v1/erasure-cases', { body: { customerId: unknown }, as: lund })).toBe('404 CUSTOMER_NOT_FOUND');
    expect(await code('/v1/erasure-cases', { body: {}, as: client })).toBe('404 NOT_FOUND'); // `me` of a client is nobody
    const { caseId } = (await (await shop.service.request('/v1/erasure-cases', { body: { customerId }, as: client })).json()) as { caseId: string };
    expect(await code(`/v1/erasure-cases/${caseId}`, { as: lund })).toBe('404 ERASURE_NOT_FOUND');
    expect(await code(`/v1/customers/${customerId}/holdings`, { as: lund })).toBe('404 CUSTOMER_NOT_FOUND');
    const bo = await shop.register('bo@example.org');
    expect((await code(`/v1/erasure-cases/${caseId}`, { as: { customerId: bo, scopes: ['account'] } })).slice(0, 3)).toBe('404');
  });

  it('refuses what is not asked for rightly', async () => {
    expect(await code('/v1/erasure-cases', { body: { customerId, urgent: true }, as: client })).toBe('422 BODY_INVALID');
    expect(await code('/v1/erasure-cases', { body: { customerId }, as: { scopes: ['customers:read'], brand: 'fjord' } })).toBe('403 SCOPE_MISSING');
    expect(await code('/v1/erasure-cases', { body: { customerId } })).toBe('401 TOKEN_MISSING');
    expect(await code('/v1/systems', { as: client })).toBe('403 SCOPE_MISSING');
    const guest = randomId();
    const at = new Date().toISOString();
    const register = { type: 'RegisterCustomer' as const, at, data: { kind: 'guest' as const, brandId: 'fjord', language: 'da' as const, contact: {} } };
    await handle(shop.store, [decision(customer, customerStream(guest), register)], { commandId: randomId(), actor: { kind: 'client', id: 'fjord-till' } }, at);
    expect(await code('/v1/erasure-cases', { body: { customerId: guest }, as: client })).toBe('409 CUSTOMER_HAS_NO_EMAIL');
  });

  it('takes the link of this case alone', async () => {
    const { caseId } = (await (await shop.service.request('/v1/erasure-cases', { body: { customerId }, as: client })).json()) as { caseId: string };
    const links = shop.service.app.get(LinkTokens);
    const confirm = (token: string) => code(`/v1/erasure-cases/${caseId}/confirm`, { body: { token }, as: client });
    const soon = new Date(Date.now() + 60_000);
    expect(await confirm(await links.sign({ purpose: 'verify-email', customerId, caseId }, soon))).toBe('404 LINK_INVALID');
    expect(await confirm(await links.sign({ purpose: 'confirm-erasure', customerId, caseId: randomId() }, soon))).toBe('404 ERASURE_NOT_FOUND');
    expect(await confirm(await links.sign({ purpose: 'confirm-erasure', customerId, caseId }, new Date(Date.now() - 1000)))).toBe('410 LINK_EXPIRED');
    expect(await shop.caseEvents(caseId)).toEqual(['ErasureRequested']);
  });

  it('gives the same case to a request that comes again before any view knows of it', async () => {
    const behind = { openOf: async () => undefined } as unknown as ErasureCases;
    const nobodyWaits = { waitFor: async () => undefined } as unknown as Followers;
    const handler = (): RequestErasureHandler => new RequestErasureHandler(shop.store, () => new Date(), nobodyWaits, behind, new CaseIds(shop.secrets));
    const again = (commandId: string): RequestErasureCommand =>
      new RequestErasureCommand(customerId, 'fjord', undefined, { commandId, actor: { kind: 'client', id: 'fjord-web' }, channel: 'web', brand: 'fjord' });
    const first = await handler().execute(again('once'));
    expect(await handler().execute(again('once'))).toEqual(first);
    expect(await shop.caseEvents(first.caseId)).toEqual(['ErasureRequested']);
    expect((await handler().execute(again('another'))).caseId).not.toBe(first.caseId);
    expect(new CaseIds(await generateSecrets()).of('once')).not.toBe(first.caseId); // nobody guesses it from the command
  });

  it('lets one of two cases opened at the same time go on', async () => {
    const at = new Date().toISOString();
    const cases = [randomId(), randomId()];
    for (const caseId of cases)
      await handle(shop.store, [decision(erasure, erasureStream(caseId), { type: 'RequestErasure', at, data: { customerId, channel: 'web', dueAt: at } })], { commandId: randomId(), actor: { kind: 'customer', id: customerId } }, at);
    const links = shop.service.app.get(LinkTokens);
    const soon = new Date(Date.now() + 60_000);
    await until(async () => (await shop.service.request(`/v1/erasure-cases/${cases[1]}`, { as: manager })).status === 200);
    const answers = await Promise.all(
      cases.map(async (caseId) => code(`/v1/erasure-cases/${caseId}/confirm`, { body: { token: await links.sign({ purpose: 'confirm-erasure', customerId, caseId }, soon) }, as: { ...client, brand: 'fjord' } })),
    );
    expect(answers.sort()).toEqual(['200 ', '409 ERASURE_ALREADY_BEGUN']);
    const types = (await Promise.all(cases.map((caseId) => shop.caseEvents(caseId)))).flat();
    expect(types.filter((type) => type === 'RequesterConfirmed')).toHaveLength(1);
  });

  it('is asked for, confirmed and carried out for somebody who is suspended', async () => {
    const at = new Date().toISOString();
    await handle(shop.store, [decision(customer, customerStream(customerId), { type: 'SuspendCustomer', at, data: { reason: 'fraud' } })], { commandId: randomId(), actor: { kind: 'client', id: 'fjord-web' } }, at);
    expect(await code('/v1/erasure-cases', { body: {}, as: { customerId, scopes: ['account'] } })).toBe('401 TOKEN_INVALID');
    const { caseId } = (await (await shop.service.request('/v1/erasure-cases', { body: { customerId }, as: client })).json()) as { caseId: string };
    expect(await code(`/v1/erasure-cases/${caseId}/confirm`, { body: { token: await shop.confirmToken() }, as: client })).toBe('200 ');
    await until(async () => (await shop.caseEvents(caseId)).includes('ErasureCompleted'));
    const events = await shop.events(customerStream(customerId));
    expect(events.map(({ type }) => type)).toEqual(['CustomerRegistered', 'CustomerSuspended', 'CustomerFrozen', 'CustomerErased']);
    expect(events[0]?.personal).toEqual({ contact: 'erased' });
    expect((await shop.events(claimStream(shop.claimOf(ida.email)))).at(-1)?.type).toBe('IdentifierReleased');
    const certificate = (await (await shop.service.request(`/v1/erasure-cases/${caseId}/certificate`, { as: manager })).json()) as { payload: { identifiersReleased: number } };
    expect(certificate.payload.identifiersReleased).toBe(1);
  });

  it('keeps the address until the last mail has gone, and tries again', async () => {
    const { caseId } = (await (await shop.service.request('/v1/erasure-cases', { body: { customerId }, as: client })).json()) as { caseId: string };
    const token = await shop.confirmToken();
    rmSync(shop.mailDir, { recursive: true });
    writeFileSync(shop.mailDir, 'no folder'); // mails cannot be written
    await shop.service.request(`/v1/erasure-cases/${caseId}/confirm`, { body: { token }, as: client });
    const deadlines = shop.service.app.get(ErasureDeadlines);
    for (const end = Date.now() + 700; Date.now() < end; await sleep(10)) await deadlines.sweep(); // while the mail is tried again, too
    expect(await shop.caseEvents(caseId)).toEqual(['ErasureRequested', 'RequesterConfirmed']);
    rmSync(shop.mailDir);
    mkdirSync(shop.mailDir);
    chmodSync(shop.mailDir, 0o700);
    await deadlines.sweep();
    expect((await shop.caseEvents(caseId)).slice(2)).toEqual(['KeysDestroyed', 'ErasureCompleted']);
  });

  it('declares systems, and tells every one of them from then on', async () => {
    const system = { name: 'ERP', brandIds: ['fjord'], holds: [{ what: 'invoice', basis: 'legal-obligation', retention: { law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', keepFor: 'P5Y', from: 'financial-year-end', financialYearEnd: '12-31' } }] };
    const put = await shop.service.request('/v1/systems/erp', { method: 'PUT', body: system, as: manager });
    expect([put.status, await put.json()]).toEqual([200, { systemId: 'erp', ...system }]);
    expect(await (await shop.service.request('/v1/systems/erp', { as: manager })).json()).toEqual({ systemId: 'erp', ...system, overdueTasks: 0 });
    expect(await (await shop.service.request('/v1/systems', { as: manager, headers: { 'kendt-after': put.headers.get('kendt-position') ?? '' } })).json()).toEqual({ systems: [{ systemId: 'erp', ...system }] });
    const before = await shop.events('system-erp');
    await shop.service.request('/v1/systems/erp', { method: 'PUT', body: system, as: manager });
    expect(await shop.events('system-erp')).toEqual(before);
    expect(await code('/v1/systems/ERP!', { method: 'PUT', body: system, as: manager })).toBe('422 BODY_INVALID');
    expect(await code('/v1/systems/none', { as: manager })).toBe('404 SYSTEM_NOT_FOUND');
  });

  it('answers over gRPC the same', async () => {
    const { kendt } = loadPackageDefinition(loadSync(protoFile('kendt.erasure.v1'), protoLoaderOptions)) as never as { kendt: { erasure: { v1: { Erasure: new (...args: unknown[]) => Record<string, (...args: unknown[]) => void> } } } };
    const stub = new kendt.erasure.v1.Erasure(shop.service.grpcUrl, credentials.createInsecure());
    const call = async (method: string, body: object, as: object): Promise<Record<string, unknown>> => {
      const metadata = new Metadata();
      metadata.set('authorization', await shop.service.token(as));
      return new Promise((resolve, reject) => stub[method]?.call(stub, body, metadata, (error: ServiceError | null, answer: Record<string, unknown>) => (error ? reject(error) : resolve(answer))));
    };
    const { caseId, status } = await call('Request', {}, { customerId, scopes: ['account'] });
    expect(status).toBe('CASE_STATUS_REQUESTED');
    expect(await call('Get', { caseId }, client)).toMatchObject({ caseId, customerId, status: 'CASE_STATUS_REQUESTED' });
    await expect(call('Get', { caseId: randomId() }, client)).rejects.toThrow(/ERASURE_NOT_FOUND/);
    (stub as never as { close(): void }).close();
  });
});
