import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { consentStream, customer, customerStream } from '@kendt/domain';
import { readAll } from '@kendt/eventsourcing';
import { bo, type ConsentTest, granted, ida, idasOwn, lundWeb, nobody, startConsent, web } from './consent.examples.js';

interface States {
  readonly brandId?: string;
  readonly consents: readonly { readonly purposeId: string; readonly brandId: string; readonly state: string; readonly channel?: string; readonly currentNoticeVersion?: number }[];
}
interface Receipt {
  readonly receipt_metadata: { readonly receipt_id: string };
  readonly events: readonly { readonly event_type: string; readonly channel: string }[];
}

describe('consents over REST', () => {
  let service: ConsentTest;
  beforeAll(async () => (service = await startConsent()));
  afterAll(() => service.close());

  const put = (purpose: string, body: object, as: object = web, id = ida, headers = {}) => service.request(`/v1/customers/${id}/consents/${purpose}`, { method: 'PUT', body, as, headers });
  const states = async (as: object = web, id = ida, query = ''): Promise<States> => (await (await service.request(`/v1/customers/${id}/consents${query}`, { as })).json()) as States;
  const stateOf = async (purpose: string, as: object = web, query = '') => (await states(as, ida, query)).consents.find(({ purposeId }) => purposeId === purpose)?.state;
  const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];
  const receipt = async (response: Response): Promise<Receipt> => (await response.json()) as Receipt;
  const events = () => readAll(service.store, consentStream(ida));

  it('answers a grant with a receipt whose id is the event', async () => {
    const response = await put('newsletter', granted);
    expect([response.status, Boolean(response.headers.get('kendt-position'))]).toEqual([200, true]);
    const [event] = await events();
    expect(await response.json()).toMatchObject({
      receipt_metadata: { receipt_id: event?.id, schema_version: 'ISO/IEC TS 27560:2023' },
      record_metadata: { pii_principal_id: ida },
      pii_processing: { privacy_notice: '/v1/purposes/newsletter/notices/1', language: 'da', purposes: [{ purpose_id: 'newsletter', purpose: 'newsletter (da)', lawful_basis: 'consent', pii_controllers: ['fjord'], notice_version: 1 }] },
      party_identification: [{ party_id: 'fjord', party_name: 'Fjord Møbler', party_contact: 'privacy@fjord.example' }],
      events: [{ event_type: 'consent_given', event_state: 'active', channel: 'web', entity_id: ida }],
    });
  });

  it('gives the receipt of the standing answer when asked again', async () => {
    const first = await receipt(await put('newsletter', granted));
    const again = await receipt(await put('newsletter', granted));
    expect(again).toEqual(first);
    expect(await events()).toHaveLength(1);
  });

  it('repeats the same receipt to the same idempotency key, whatever came after', async () => {
    const key = { 'idempotency-key': 'key-1' };
    const refused = { answer: 'refused', noticeVersion: 2, language: 'en' };
    const first = await receipt(await put('personal-offers', refused, web, ida, key));
    await put('personal-offers', { ...granted, noticeVersion: 2 });
    expect(await receipt(await put('personal-offers', refused, web, ida, key))).toEqual(first);
    expect(first.events[0]?.event_type).toBe('consent_refused');
    const kept = await service.ports.views.open<object>({ name: 'idempotency@1' });
    for (const { id } of (await kept.list()).documents) await kept.delete(id); // as after a day: the stream knows it still
    expect(await receipt(await put('personal-offers', refused, web, ida, key))).toEqual(first);
  });

  it('shows every purpose that rests on consent, and no other', async () => {
    const { brandId, consents } = await states();
    expect(brandId).toBe('fjord');
    expect(consents.map(({ purposeId, state, currentNoticeVersion }) => [purposeId, state, currentNoticeVersion])).toEqual([
      ['newsletter', 'granted', 1],
      ['personal-offers', 'granted', 2],
    ]);
  });

  it('takes a consent back with one word, and says on which words it had rested', async () => {
    const response = await put('personal-offers', { answer: 'withdrawn' });
    expect(await response.json()).toMatchObject({ pii_processing: { language: 'da', purposes: [{ notice_version: 2 }] }, events: [{ event_type: 'consent_withdrawn', event_state: 'inactive' }] });
    expect(await stateOf('personal-offers')).toBe('withdrawn');
  });

  it('has nothing to say where there is nothing to withdraw', async () => {
    const response = await put('newsletter', { answer: 'withdrawn' }, lundWeb, bo);
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it.each([
    ['an outdated notice', 'personal-offers', { ...granted, noticeVersion: 1 }, [409, 'CONSENT_NOTICE_OUTDATED']],
    ['a notice that there is not', 'newsletter', { ...granted, noticeVersion: 7 }, [422, 'CONSENT_NOTICE_UNKNOWN']],
    ['a purpose of another basis', 'bookkeeping', granted, [422, 'PURPOSE_NOT_CONSENT_BASED']],
    ['taking back what another basis allows', 'bookkeeping', { answer: 'withdrawn' }, [422, 'PURPOSE_NOT_CONSENT_BASED']],
    ['a purpose that there is not', 'telepathy', granted, [404, 'PURPOSE_NOT_FOUND']],
    ['no purpose at all', 'Not A Purpose', granted, [422, 'BODY_INVALID']],
    ['an answer without a notice', 'newsletter', { answer: 'granted' }, [422, 'BODY_INVALID']],
    ['a field that is not known', 'newsletter', { ...granted, because: 'why not' }, [422, 'BODY_INVALID']],
    ['another brand than its own', 'newsletter', { ...granted, brandId: 'lund' }, [403, 'BRAND_NOT_YOURS']],
  ])('refuses %s', async (_, purpose, body, refusal) => {
    const before = await events();
    expect(await codeOf(await put(encodeURIComponent(purpose), body))).toEqual(refusal);
    expect(await events()).toEqual(before);
  });

  it('refuses whoever lacks the scope, and every time that is none', async () => {
    expect(await codeOf(await put('newsletter', granted, { ...web, scopes: ['consents:read'] }))).toEqual([403, 'SCOPE_MISSING']);
    expect(await codeOf(await service.request(`/v1/customers/${ida}/consents`, { as: { ...web, scopes: ['consents:write'] } }))).toEqual([403, 'SCOPE_MISSING']);
    expect(await codeOf(await service.request(`/v1/customers/${ida}/consents?at=yesterday`, { as: web }))).toEqual([422, 'BODY_INVALID']);
  });

  it("does not know another brand's customer: byte for byte as an unknown one", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const ask = async (method: string, id: string) => {
      const path = `/v1/customers/${id}/consents${method === 'PUT' ? '/newsletter' : ''}`;
      const response = await service.request(path, { method, as: lundWeb, headers: { traceparent }, ...(method === 'PUT' && { body: granted }) });
      const headers = [...response.headers].filter(([name]) => !['date', 'traceparent'].includes(name));
      return { status: response.status, headers, body: await response.text() };
    };
    for (const method of ['GET', 'PUT']) {
      const foreign = await ask(method, ida);
      expect(foreign.status).toBe(404);
      expect(foreign).toEqual(await ask(method, nobody));
    }
  });

  describe('as the customer', () => {
    it('shows every brand, each with its own', async () => {
      const mine = await states({ ...idasOwn, customerId: bo }, 'me');
      expect(mine.brandId).toBeUndefined();
      expect(mine.consents.map(({ brandId, purposeId }) => `${brandId}/${purposeId}`)).toEqual(['fjord/newsletter', 'fjord/personal-offers', 'lund/newsletter', 'lund/personal-offers']);
    });

    it('wants to know whom the answer is for, unless the shop that signed them in says so', async () => {
      const response = await put('newsletter', granted, idasOwn, 'me');
      expect([response.status, await response.json()]).toMatchObject([422, { code: 'BODY_INVALID', errors: [{ pointer: '/brandId' }] }]);
      expect((await put('newsletter', { ...granted, brandId: 'fjord' }, idasOwn, 'me')).status).toBe(200);
      expect((await put('newsletter', granted, { ...idasOwn, brand: 'fjord' }, 'me')).status).toBe(200);
    });

    it('keeps answers for brands that are theirs', async () => {
      expect(await codeOf(await put('newsletter', { ...granted, brandId: 'lund' }, idasOwn, 'me'))).toEqual([404, 'CUSTOMER_NOT_FOUND']);
    });

    it('records the channel that the caller names, or the account page', async () => {
      await put('newsletter', { answer: 'withdrawn', brandId: 'fjord' }, idasOwn, 'me');
      expect((await states()).consents[0]?.channel).toBe('account');
      await put('newsletter', { ...granted, brandId: 'fjord' }, idasOwn, 'me', { 'kendt-channel': 'app' });
      expect((await states()).consents[0]?.channel).toBe('app');
    });

    it('lets a brand that was left be told no', async () => {
      await service.group.grant(bo, 'newsletter', 1, 'lund');
      await service.group.leave(bo, 'lund');
      const own = { ...idasOwn, customerId: bo };
      expect((await put('newsletter', { answer: 'withdrawn', brandId: 'lund' }, own, 'me')).status).toBe(200);
      expect((await states(own, 'me')).consents.find(({ brandId }) => brandId === 'lund')?.state).toBe('withdrawn');
      expect(await codeOf(await put('newsletter', { ...granted, brandId: 'lund' }, own, 'me'))).toEqual([404, 'CUSTOMER_NOT_FOUND']);
    });
  });

  describe('of the past', () => {
    beforeEach(() => service.at(new Date().toISOString()));

    it("gives yesterday's answer", async () => {
      await service.group.register('0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a20', { contact: {} });
      const id = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a20';
      service.at('2030-03-01T10:00:00.000Z');
      await put('newsletter', granted, web, id);
      service.at('2030-03-02T10:00:00.000Z');
      await put('newsletter', { answer: 'withdrawn' }, web, id);
      const at = async (time: string) => (await states(web, id, `?at=${time}`)).consents[0]?.state;
      expect(await at('2030-03-01T09:59:59Z')).toBe('none');
      expect(await at('2030-03-01T12:00:00Z')).toBe('granted');
      expect(await at('2030-03-02T12:00:00Z')).toBe('withdrawn');
    });
  });

  it('of somebody who is suspended may be withdrawn and refused, and not given', async () => {
    const id = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a22';
    await service.group.register(id, { contact: {} });
    await put('newsletter', granted, web, id);
    await service.group.suspend(id);
    expect(await codeOf(await put('personal-offers', { ...granted, noticeVersion: 2 }, web, id))).toEqual([409, 'CUSTOMER_SUSPENDED']);
    expect((await put('personal-offers', { answer: 'refused', noticeVersion: 2, language: 'da' }, web, id)).status).toBe(200);
    expect((await put('newsletter', { answer: 'withdrawn' }, web, id)).status).toBe(200);
    expect((await readAll(service.store, consentStream(id))).map(({ type }) => type)).toEqual(['ConsentGranted', 'ConsentRefused', 'ConsentWithdrawn']);
  });

  describe('of somebody who is leaving', () => {
    const other = '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a21';
    it('are frozen, then gone', async () => {
      await service.group.register(other, { contact: {} });
      await service.group.freeze(other);
      expect(await codeOf(await put('newsletter', granted, web, other))).toEqual([410, 'CUSTOMER_FROZEN']);
      await service.group.act(customer, customerStream(other), { type: 'EraseCustomer', data: { caseId: 'case-1' } });
      expect(await codeOf(await put('newsletter', granted, web, other))).toEqual([404, 'CUSTOMER_NOT_FOUND']);
      expect(await readAll(service.store, consentStream(other))).toEqual([]);
    });
  });
});
