import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { purchases, purchasesStream, purpose, purposeStream } from '@kendt/domain';
import { readAll } from '@kendt/eventsourcing';
import { bo, ida, idasOwn, lamp, nobody, type ProfileTest, recommender, startProfile, web } from './profile.examples.js';

describe('purchases over REST', () => {
  let service: ProfileTest;
  beforeAll(async () => (service = await startProfile()));
  afterAll(() => service.close());

  const history = (id = ida, { as = recommender, after, query = 'purpose=personal-offers' }: { as?: object; after?: string; query?: string } = {}) =>
    service.ask(`/v1/customers/${id}/purchases?${query}`, { as, headers: after ? { 'kendt-after': after } : {} });
  const post = (body: object, as: object = web) => service.ask('/v1/purchases', { body, as });
  /** The directory follows its streams: it is there in a moment. */
  const untilCode = async (ask: () => ReturnType<typeof history>): Promise<string | undefined> => {
    for (let tries = 0; tries < 50; tries++) {
      const { code } = await ask();
      if (code) return code;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return undefined;
  };
  const recorded = async (id = ida) => readAll(service.store, purchasesStream(id));

  it('are recorded once, however often the same is reported', async () => {
    const first = await post({ customerId: ida, ...lamp });
    expect([first.status, first.body, Boolean(first.headers.get('kendt-position'))]).toEqual([202, { purchaseId: 'purchase-1' }, true]);
    expect((await post({ customerId: ida, ...lamp })).status).toBe(202);
    expect(await recorded()).toMatchObject([{ data: { purchaseId: 'purchase-1', brandId: 'fjord', source: 'fjord-web', channel: 'web' }, personal: { purchases: { orderNumber: 'F-1001', total: 129900 } } }]);
  });

  it('are not given without consent', async () => {
    const { status, code, text } = await history();
    expect([status, code]).toEqual([403, 'CONSENT_MISSING']);
    expect(text).not.toMatch(/F-1001/);
  });

  it('are given for the purpose that was consented to, and for no other', async () => {
    await service.group.grant(ida, 'personal-offers', 2);
    const { status, body } = await history(ida, { after: (await recorded()).at(-1)!.position });
    expect(status).toBe(200);
    expect(body).toEqual({ customerId: ida, purposeId: 'personal-offers', purchases: [{ ...lamp, brandId: 'fjord', reportedBy: 'fjord-web' }] });
    for (const purpose of ['newsletter', 'bookkeeping', 'telepathy']) expect((await history(ida, { query: `purpose=${purpose}` })).code).toBe('CONSENT_MISSING');
  });

  it('are refused at once when the consent is withdrawn, and given again when it is given again', async () => {
    for (let round = 0; round < 5; round++) {
      await service.group.withdraw(ida, 'personal-offers');
      expect((await history()).code).toBe('CONSENT_MISSING');
      await service.group.grant(ida, 'personal-offers', 2);
      expect((await history()).status).toBe(200);
    }
  });

  it('are not given for what rests on another basis, or is no longer asked, whatever was once answered', async () => {
    await service.group.grant(ida, 'bookkeeping');
    expect((await history(ida, { query: 'purpose=bookkeeping' })).code).toBe('CONSENT_MISSING');
    await service.group.grant(ida, 'newsletter');
    expect((await history(ida, { query: 'purpose=newsletter' })).status).toBe(200);
    await service.group.act(purpose, purposeStream('newsletter'), { type: 'RetirePurpose', data: {} });
    await expect(untilCode(() => history(ida, { query: 'purpose=newsletter' }))).resolves.toBe('CONSENT_MISSING');
  });

  it("are the brand's own, and so is the consent", async () => {
    await service.group.register(bo, { contact: {} });
    await service.group.join(bo, 'lund');
    await service.bought(bo, { purchaseId: 'of-fjord' }, 'fjord');
    const after = await service.bought(bo, { purchaseId: 'of-lund', orderNumber: 'L-1' }, 'lund');
    await service.group.grant(bo, 'personal-offers', 2, 'lund');
    const ofLund = await history(bo, { as: { ...recommender, clientId: 'lund-recommender', brand: 'lund' }, after });
    expect((ofLund.body['purchases'] as { purchaseId: string }[]).map(({ purchaseId }) => purchaseId)).toEqual(['of-lund']);
    expect((await history(bo)).code).toBe('CONSENT_MISSING');
  });

  it('come in pages, the latest first', async () => {
    let after = '';
    for (const day of ['03', '02', '04']) after = await service.bought(ida, { purchaseId: `day-${day}`, purchasedAt: `2026-03-${day}T10:00:00.000Z` });
    const ids: string[] = [];
    for (let query: string | undefined = 'purpose=personal-offers&limit=3'; query; ) {
      const { body, headers } = await history(ida, { query, after });
      ids.push(...(body['purchases'] as { purchaseId: string }[]).map(({ purchaseId }) => purchaseId));
      query = /^<[^?]+\?([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(ids).toEqual(['day-04', 'day-03', 'day-02', 'purchase-1']);
  });

  it.each<[string, object, object, number, string]>([
    ['of nobody', { ...lamp, customerId: nobody }, web, 404, 'CUSTOMER_NOT_FOUND'],
    ["of another brand's customer", { ...lamp, customerId: ida }, { ...web, brand: 'lund' }, 404, 'CUSTOMER_NOT_FOUND'],
    ['without the scope', { ...lamp, customerId: ida }, recommender, 403, 'SCOPE_MISSING'],
    ['with an unknown field', { ...lamp, customerId: ida, brandId: 'lund' }, web, 422, 'BODY_INVALID'],
    ['without lines', { ...lamp, customerId: ida, lines: [] }, web, 422, 'BODY_INVALID'],
  ])('are refused %s', async (_, body, as, status, code) => {
    const answer = await post(body, as);
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  it("are for clients alone: a customer's own token is refused", async () => {
    expect((await history('me', { as: idasOwn })).code).toBe('SCOPE_MISSING');
    expect((await history(ida, { as: { ...recommender, brand: undefined } })).code).toBe('BRAND_MISSING');
    expect((await history(nobody)).code).toBe('CUSTOMER_NOT_FOUND');
  });

  it('are taken and given during a suspension: what was bought was bought', async () => {
    const id = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a41';
    await service.group.register(id, { contact: {} });
    await service.group.grant(id, 'personal-offers', 2);
    await service.group.suspend(id);
    const { status, headers } = await post({ ...lamp, customerId: id });
    expect(status).toBe(202);
    expect((await history(id, { after: headers.get('kendt-position') ?? '' })).body['purchases']).toHaveLength(1);
  });

  it('are neither taken nor given once an erasure has begun, and gone after it', async () => {
    const id = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a40';
    await service.group.register(id, { contact: {} });
    await service.group.grant(id, 'personal-offers', 2);
    const after = await service.bought(id);
    expect((await history(id, { after })).status).toBe(200);
    await service.group.freeze(id);
    expect((await history(id)).code).toBe('CUSTOMER_FROZEN');
    expect((await post({ ...lamp, customerId: id, purchaseId: 'late' })).code).toBe('CUSTOMER_FROZEN');
    await service.group.act(purchases, purchasesStream(id), { type: 'ForgetPurchases', data: {} });
    await service.group.erase(id);
    expect((await history(id)).code).toBe('CUSTOMER_NOT_FOUND');
    expect((await post({ ...lamp, customerId: id, purchaseId: 'later' })).code).toBe('CUSTOMER_NOT_FOUND');
  });
});
