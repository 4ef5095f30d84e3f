import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access, accessStream } from '@kendt/domain';
import { bo, ida, idasOwn, lundTill, type ProfileTest, startProfile, till } from './profile.examples.js';

describe('who has looked', () => {
  let service: ProfileTest;
  beforeAll(async () => (service = await startProfile()));
  afterAll(() => service.close());

  const find = (as: object, email = 'ida.holm@example.org') => service.ask('/v1/customers/find', { body: { email, reason: 'till', staffId: 'anna' }, as });
  const accesses = (path: string, as: object, after?: string | null) => service.ask(path, { as, headers: after ? { 'kendt-after': after } : {} });

  it('is told to the customer: who, as what, for whom, when, why, which fields', async () => {
    const { headers } = await find(till);
    const { status, body } = await accesses('/v1/customers/me/accesses', idasOwn, headers.get('kendt-position'));
    expect(status).toBe(200);
    expect(body).toEqual({
      customerId: ida,
      accesses: [{ at: expect.any(String), clientId: 'fjord-till', staffId: 'anna', role: 'till', reason: 'till', brandId: 'fjord', fields: expect.arrayContaining(['email', 'phone', 'name']) }],
    });
  });

  it('comes in pages, the latest first, none left out and none twice', async () => {
    let last: string | null = null;
    for (const n of [1, 2, 3, 4]) last = (await service.group.act(access, accessStream(ida), { type: 'RecordViewing', data: { clientId: 'fjord-till', role: 'till', reason: `look-${n}`, brandId: 'fjord', fields: [] } })).position;
    const reasons: string[] = [];
    for (let path: string | undefined = '/v1/customers/me/accesses?limit=2'; path; ) {
      const { body, headers } = await accesses(path, idasOwn, last);
      reasons.push(...(body['accesses'] as { reason: string }[]).map(({ reason }) => reason));
      path = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(reasons).toEqual(['look-4', 'look-3', 'look-2', 'look-1', 'till']);
  });

  it('is told to a brand as far as it is its own, and to the customer in full', async () => {
    await service.group.register(bo, { contact: { email: 'bo@example.org' } });
    await service.group.join(bo, 'lund');
    await find(till, 'bo@example.org');
    const after = (await find(lundTill, 'bo@example.org')).headers.get('kendt-position');
    const clients = async (as: object, id: string) => ((await accesses(`/v1/customers/${id}/accesses`, as, after)).body['accesses'] as { clientId: string }[]).map(({ clientId }) => clientId);
    expect(await clients(lundTill, bo)).toEqual(['lund-till']);
    expect(await clients(till, bo)).toEqual(['fjord-till']);
    expect(await clients({ ...idasOwn, customerId: bo }, 'me')).toEqual(['lund-till', 'fjord-till']);
  });

  it('is told to nobody else', async () => {
    expect((await accesses(`/v1/customers/${ida}/accesses`, lundTill)).code).toBe('CUSTOMER_NOT_FOUND');
    expect((await accesses(`/v1/customers/${bo}/accesses`, idasOwn)).status).toBe(404);
    expect((await accesses('/v1/customers/me/accesses', till)).status).toBe(404);
    expect((await accesses(`/v1/customers/me/accesses?limit=0`, idasOwn)).code).toBe('BODY_INVALID');
    expect((await accesses(`/v1/customers/me/accesses?cursor=bm9uc2Vuc2U`, idasOwn)).code).toBe('PAGE_INVALID');
  });
});
