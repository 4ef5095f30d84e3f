import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { everyMessage, publicTopics } from '@kendt/contracts';
import { startTestService, type TestService } from '../testing/index.js';

describe('the contract with other systems', () => {
  let service: TestService;
  let page: string;
  beforeAll(async () => {
    service = await startTestService({ modules: [] });
    page = await (await service.request('/docs/topics')).text();
  });
  afterAll(() => service.close());

  it('is a page under the policy of all pages', async () => {
    const { headers } = await service.request('/docs/topics');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';style-src 'self';img-src 'self' data:;form-action 'self';frame-ancestors 'none';base-uri 'none'");
    expect(page).not.toMatch(/<script|style="/);
  });

  it('tells of every topic and message: who writes, how long it is kept, with which fields, and an example', () => {
    for (const { name } of publicTopics) expect(page).toContain(`<code>${name}</code>`);
    for (const type of Object.keys(everyMessage)) expect(page).toContain(`<h3 id="${type}"><code>${type}</code></h3>`);
    const [, purchases = ''] = page.split('<h2 id="purchases">');
    expect(purchases).toContain('<dt>Who writes</dt><dd>The system <code>{system}</code>; Kendt reads</dd>');
    expect(purchases).toContain('<dt>Kept</dt><dd>7 days</dd>');
    expect(purchases).toContain('<th scope="row"><code>lines[].sku</code></th><td>string</td>');
    expect(purchases).toContain('ce_dataschema: urn:kendt:schema:kendt.purchase.reported.v1');
    expect(page).toContain('<dt>Kept</dt><dd>The last message of each key (compacted)</dd>');
    expect(page).toContain('<caption>Fields of kendt.erasure.receipt.v1 with outcome retained</caption>');
  });

  it('has a heading for each link within', () => {
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id).filter((id) => id !== 'content');
    expect([links.length, links.filter((id) => !page.includes(`id="${id}"`))]).toEqual([publicTopics.length, []]);
  });

  it('is an AsyncAPI document', async () => {
    const response = await service.request('/docs/asyncapi.json');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(await response.json()).toMatchObject({ asyncapi: '3.0.0', channels: { consents: { address: 'kendt.consents.v1' } } });
  });

  it('has the schema of each message, by the name that messages carry', async () => {
    const response = await service.request('/docs/schemas/kendt.consent.granted.v1.json');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/schema+json; charset=utf-8']);
    expect(await response.json()).toMatchObject({ $id: 'urn:kendt:schema:kendt.consent.granted.v1', required: ['customerId', 'at', 'brandId', 'purposeId'] });
  });

  it.each(['kendt.consent.sold.v1.json', 'constructor.json', 'kendt.consent.granted.v1'])('has no schema %s', async (file) => {
    expect((await service.request(`/docs/schemas/${file}`)).status).toBe(404);
  });
});
