import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { customer, customerStream } from '@kendt/domain';
import { keyedLookup, RevisionConflict } from '@kendt/eventsourcing';
import { bo, ida, idasOwn, lundTill, nobody, type ProfileTest, startProfile, till, web } from './profile.examples.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('customers over REST', () => {
  let service: ProfileTest;
  beforeAll(async () => {
    service = await startProfile();
    await service.group.grant(ida, 'newsletter');
    await service.group.grant(ida, 'newsletter', 1, 'lund');
  });
  afterAll(() => service.close());

  const get = (id: string, as: object, headers = {}) => service.ask(`/v1/customers/${id}`, { as, headers });
  const find = (wish: object, as: object = till, headers = {}) => service.ask('/v1/customers/find', { body: { reason: 'till', ...wish }, as, headers });

  it('shows the customer as the brand may see it', async () => {
    const { status, body } = await get(ida, web);
    expect(status).toBe(200);
    expect(body).toEqual({
      customerId: ida, brandId: 'fjord', kind: 'full', email: 'ida.holm@example.org', emailVerified: false, name: { given: 'Ida', family: 'Holm' }, phone: '+4520123456', language: 'da',
      consents: [{ purposeId: 'newsletter', state: 'granted', noticeVersion: 1, at: expect.any(String) }],
    });
  });

  it('shows what was just written, with Kendt-After or without', async () => {
    const { position } = await service.group.act(customer, customerStream(ida), { type: 'VerifyEmail', data: { emailClaim: `claim-of-${ida}` } });
    expect((await get(ida, web)).body['emailVerified']).toBe(true);
    expect((await get(ida, web, { 'kendt-after': position })).status).toBe(200);
    expect((await get(ida, web, { 'kendt-after': '9999999999999999' })).code).toBe('VIEW_BEHIND');
  });

  it('is no look when the shop reads on the own behalf of the customer, and is one by staff', async () => {
    const before = (await service.looks(ida)).length;
    await get(ida, web);
    await get('me', idasOwn);
    expect(await service.looks(ida)).toHaveLength(before);
    await get(ida, { ...till, clientId: 'nordhus-support', channel: 'support' });
    expect((await service.looks(ida)).at(-1)?.data).toMatchObject({ clientId: 'nordhus-support', role: 'support', brandId: 'fjord', reason: 'opened-by-id' });
  });

  it('cannot be talked out of it: not by a header, not by an unknown client, not by a key that comes twice', async () => {
    const before = (await service.looks(ida)).length;
    await get(ida, till, { 'kendt-channel': 'web' });
    await get(ida, { clientId: 'somebody', brand: 'fjord', scopes: ['customers:read'] });
    const same = { 'idempotency-key': 'same' };
    for (let time = 1; time <= 2; time++) await get(ida, till, same);
    for (let time = 1; time <= 2; time++) await find({ email: 'ida.holm@example.org' }, till, same);
    expect(await service.looks(ida)).toHaveLength(before + 6);
  });

  it.each([
    ['e-mail', { email: '  Ida.HOLM@example.org ' }],
    ['phone', { phone: '+4520123456' }],
    ['loyalty number', { loyaltyNumber: 'ab 123' }],
    ['order number', { orderNumber: 'f-1001' }],
  ])('finds by %s, and records it with everything that was shown', async (_, wish) => {
    const lookup = keyedLookup(service.secrets.lookupKey);
    await service.group.act(customer, customerStream(ida), { type: 'RecordExternalReference', data: { systemId: 'loyalty', claim: lookup('loyalty', 'AB123'), reference: 'AB 123' } });
    const after = await service.bought(ida);
    const before = (await service.looks(ida)).length;
    const { status, body, headers } = await find({ ...wish, staffId: 'till-7' }, till, { 'kendt-after': after });
    expect([status, body['customerId']]).toEqual([200, ida]);
    const looks = await service.looks(ida);
    expect(looks).toHaveLength(before + 1);
    expect(looks.at(-1)).toMatchObject({
      type: 'CustomerDataViewed',
      position: headers.get('kendt-position'),
      data: { clientId: 'fjord-till', staffId: 'till-7', role: 'till', reason: 'till', brandId: 'fjord', fields: ['kind', 'email', 'emailVerified', 'name', 'phone', 'language', 'consents'] },
    });
    expect(JSON.stringify(looks)).not.toMatch(/ida|holm|AB123|F-1001/i);
  });

  it('gives nothing out when the look cannot be recorded', async () => {
    const { append } = service.ports.events;
    service.ports.events.append = () => Promise.reject(new RevisionConflict('access', 0, 1));
    try {
      const { status, text } = await find({ email: 'ida.holm@example.org' });
      expect(status).toBe(409);
      expect(text).not.toMatch(/Holm/);
    } finally {
      service.ports.events.append = append;
    }
  });

  it("does not know another brand's customer, byte for byte, and records nothing", async () => {
    const before = (await service.looks(ida)).length;
    const shown = async (asked: ReturnType<typeof find>) => {
      const { status, text, headers } = await asked;
      return { status, text, headers: [...headers].filter(([name]) => !['date', 'traceparent'].includes(name)) };
    };
    const foreign = await shown(find({ email: 'ida.holm@example.org' }, lundTill, { traceparent }));
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(await shown(find({ email: 'nobody@example.org' }, lundTill, { traceparent })));
    expect(foreign).toEqual(await shown(find({ orderNumber: 'F-1001' }, lundTill, { traceparent })));
    expect(await shown(get(ida, lundTill, { traceparent }))).toEqual(await shown(get(nobody, lundTill, { traceparent })));
    expect(await service.looks(ida)).toHaveLength(before);
  });

  it('finds by what is true now: a changed address, a brand that was left', async () => {
    await service.group.register(bo, { contact: { email: 'bo@example.org' }, kind: 'guest' });
    expect((await find({ email: 'bo@example.org' }, till, { 'kendt-after': (await service.group.join(bo, 'lund')).position })).status).toBe(200);
    const changed = await service.group.act(customer, customerStream(bo), { type: 'ChangeContact', data: { contact: { email: 'bo.lund@example.org' }, language: 'en' } });
    expect((await find({ email: 'bo@example.org' }, till, { 'kendt-after': changed.position })).status).toBe(404);
    expect((await find({ email: 'bo.lund@example.org' })).body).toMatchObject({ kind: 'guest', language: 'en', email: 'bo.lund@example.org' });
    await service.group.leave(bo, 'fjord');
    expect((await find({ email: 'bo.lund@example.org' })).status).toBe(404);
    expect((await get(bo, till)).status).toBe(404);
  });

  it("does not find by another brand's order, though the customer is of both", async () => {
    const both = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a33';
    await service.group.register(both, { contact: {} });
    await service.group.join(both, 'lund');
    const after = await service.bought(both, { orderNumber: 'F-2002' });
    expect((await find({ orderNumber: 'F-2002' }, lundTill, { 'kendt-after': after })).code).toBe('CUSTOMER_NOT_FOUND');
    expect((await find({ orderNumber: 'F-2002' })).body['customerId']).toBe(both);
  });

  it('gives out nobody where several might be meant, and the full customer before guests', async () => {
    const [guest, other] = ['0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a30', '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a31'];
    await service.group.register(guest, { kind: 'guest', contact: { email: 'ida.holm@example.org', phone: '+4520999999' } });
    const { position } = await service.group.register(other, { kind: 'guest', contact: { phone: '+4520999999' } });
    expect((await find({ email: 'ida.holm@example.org' }, till, { 'kendt-after': position })).body['customerId']).toBe(ida);
    expect((await find({ phone: '+4520999999' })).code).toBe('CUSTOMER_AMBIGUOUS');
    expect(await service.looks(guest)).toEqual([]);
  });

  it.each([
    ['two identifiers', { email: 'a@example.org', phone: '+4520123456' }, till, 422, 'BODY_INVALID'],
    ['no reason', { email: 'a@example.org', reason: undefined }, till, 422, 'BODY_INVALID'],
    ['an unknown field', { email: 'a@example.org', because: 1 }, till, 422, 'BODY_INVALID'],
    ['no scope', { email: 'a@example.org' }, web, 403, 'SCOPE_MISSING'],
    ['no brand', { email: 'a@example.org' }, { clientId: 'group', scopes: ['customers:find'] }, 403, 'BRAND_MISSING'],
    ["a customer's own token", { email: 'a@example.org' }, idasOwn, 403, 'SCOPE_MISSING'],
  ])('refuses to find with %s', async (_, wish, as, status, code) => {
    const answer = await find(wish, as);
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  it('is suspended and still found, and the look is recorded', async () => {
    const id = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a34';
    await service.group.register(id, { contact: { email: 'sus@example.org' } });
    const { position } = await service.group.suspend(id);
    expect((await get(id, web)).body['suspended']).toBe(true);
    expect((await find({ email: 'sus@example.org' }, till, { 'kendt-after': position })).body).toMatchObject({ customerId: id, suspended: true });
    expect((await service.looks(id)).map(({ data }) => (data as { fields: string[] }).fields)).toEqual([expect.arrayContaining(['email', 'suspended'])]);
    expect((await get('me', { ...idasOwn, customerId: id })).code).toBe('TOKEN_INVALID');
    await service.group.reinstate(id);
    expect((await get(id, web)).body).not.toHaveProperty('suspended');
    expect((await get('me', { ...idasOwn, customerId: id })).status).toBe(200);
  });

  it('is frozen and still seen, then erased and unknown', async () => {
    const id = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a32';
    await service.group.register(id, { contact: { email: 'eva@example.org' } });
    await service.group.freeze(id);
    expect((await get(id, web)).status).toBe(200);
    await service.ports.keys.destroy(id, 'contact');
    const { position } = await service.group.erase(id);
    expect((await get(id, web)).code).toBe('CUSTOMER_NOT_FOUND');
    expect((await find({ email: 'eva@example.org' }, till, { 'kendt-after': position })).code).toBe('CUSTOMER_NOT_FOUND');
  });
});
