import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { ida, idasOwn, lundTill, nobody, type ProfileTest, startProfile, till, web } from './profile.examples.js';

describe('customers over gRPC', () => {
  let service: ProfileTest;
  let authorization: string;
  beforeAll(async () => {
    service = await startProfile();
    await service.group.grant(ida, 'newsletter');
    authorization = await service.token(till);
  });
  afterAll(() => service.close());

  const find = (wish: object, token = authorization, more = {}) => service.grpc.call('Find', { reason: 'till', ...wish }, { authorization: token, ...more });
  const get = (customerId: string, token = authorization, more = {}) => service.grpc.call('Get', { customerId }, { authorization: token, ...more });

  it('finds, and the customer can read who looked', async () => {
    const { reply, header } = await find({ email: 'IDA.holm@example.org', staffId: 'anna' });
    expect(reply).toEqual({
      customerId: ida, brandId: 'fjord', kind: 'CUSTOMER_KIND_FULL', email: 'ida.holm@example.org', emailVerified: false, name: { given: 'Ida', family: 'Holm' }, phone: '+4520123456', language: 'LANGUAGE_DA', suspended: false,
      consents: [{ purposeId: 'newsletter', state: 'CONSENT_STATE_GRANTED', noticeVersion: 1, at: expect.any(String) }],
    });
    const after = header?.get('kendt-position')[0] as string;
    const { body } = await service.ask('/v1/customers/me/accesses', { as: idasOwn, headers: { 'kendt-after': after } });
    expect(body['accesses']).toMatchObject([{ clientId: 'fjord-till', staffId: 'anna', role: 'till', reason: 'till' }]);
  });

  it('records every look of a till, and none of the shop, whatever the metadata say', async () => {
    const before = (await service.looks(ida)).length;
    await get(ida, await service.token(web));
    expect(await service.looks(ida)).toHaveLength(before);
    const same = { 'idempotency-key': 'same', 'kendt-channel': 'web' };
    for (let time = 1; time <= 2; time++) await get(ida, authorization, same);
    for (let time = 1; time <= 2; time++) await find({ phone: '+4520123456' }, authorization, same);
    expect(await service.looks(ida)).toHaveLength(before + 4);
  });

  it("does not know another brand's customer", async () => {
    const token = await service.token(lundTill);
    const before = (await service.looks(ida)).length;
    const told = ({ error }: Awaited<ReturnType<typeof find>>) => [error?.code, error?.details, error?.metadata.get('kendt-code')];
    expect(told(await find({ email: 'ida.holm@example.org' }, token))).toEqual([status.NOT_FOUND, 'CUSTOMER_NOT_FOUND: No such customer', ['CUSTOMER_NOT_FOUND']]);
    expect(told(await find({ email: 'nobody@example.org' }, token))).toEqual(told(await find({ email: 'ida.holm@example.org' }, token)));
    expect(told(await get(ida, token))).toEqual(told(await get(nobody, token)));
    expect(await service.looks(ida)).toHaveLength(before);
  });

  it('refuses nonsense', async () => {
    expect((await find({})).error?.code).toBe(status.INVALID_ARGUMENT);
    expect((await find({ email: 'ida.holm@example.org', reason: '' })).error?.code).toBe(status.INVALID_ARGUMENT);
    expect((await get(ida, await service.token(idasOwn))).error?.code).toBe(status.PERMISSION_DENIED);
  });
});
