import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ClientReadableStream, status } from '@grpc/grpc-js';
import { bo, type ConsentTest, ida, idasOwn, lundWeb, nobody, startConsent, web } from './consent.examples.js';

type Change = Record<string, unknown>;

/** A watcher that keeps what it is told. */
class Watcher {
  readonly changes: Change[] = [];
  readonly ready: Promise<void>;
  readonly ended: Promise<number | undefined>;
  #wake: () => void = () => undefined;

  constructor(readonly call: ClientReadableStream<Change>) {
    this.ready = new Promise((resolve) => call.once('metadata', () => resolve()));
    this.ended = new Promise((resolve) => {
      call.once('end', () => resolve(undefined));
      call.once('error', (error: { code?: number }) => resolve(error.code));
    });
    call.on('data', (change: Change) => {
      this.changes.push(change);
      this.#wake();
    });
  }

  async has(count: number): Promise<Change[]> {
    while (this.changes.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.changes;
  }
}

describe('consents over gRPC', () => {
  let service: ConsentTest;
  let authorization: string;
  let ofLund: string;
  beforeAll(async () => {
    service = await startConsent();
    [authorization, ofLund] = [await service.token(web), await service.token(lundWeb)];
  });
  afterAll(() => service.close());

  const watch = (request: object, token = authorization): Watcher => new Watcher(service.grpc.stream('Watch', request, { authorization: token }));
  const set = (customerId: string, answer: object) => service.grpc.call('Set', { customerId, purposeId: 'newsletter', ...answer }, { authorization });

  it('sets, and gives the id of the receipt and the position', async () => {
    const { reply, header } = await set(ida, { answer: 'ANSWER_GRANTED', noticeVersion: 1, language: 'LANGUAGE_DA' });
    expect(reply).toMatchObject({ state: 'CONSENT_STATE_GRANTED', receiptId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(header?.get('kendt-position')[0]).toBeTruthy();
    const again = await set(ida, { answer: 'ANSWER_GRANTED', noticeVersion: 1, language: 'LANGUAGE_DA' });
    expect(again.reply).toEqual(reply);
  });

  it('gets how everything stands, now and then', async () => {
    const { reply } = await service.grpc.call('Get', { customerId: ida }, { authorization });
    expect(reply).toMatchObject({ customerId: ida, brandId: 'fjord', consents: [{ purposeId: 'newsletter', state: 'CONSENT_STATE_GRANTED', language: 'LANGUAGE_DA', currentNoticeVersion: 1 }, { state: 'CONSENT_STATE_NONE' }] });
    const before = await service.grpc.call('Get', { customerId: ida, at: '2020-01-01T00:00:00Z' }, { authorization });
    expect(before.reply).toMatchObject({ consents: [{ state: 'CONSENT_STATE_NONE' }, { state: 'CONSENT_STATE_NONE' }] });
  });

  it('takes back, and has no receipt where there is nothing to take back', async () => {
    expect((await set(bo, { answer: 'ANSWER_WITHDRAWN' })).reply).toEqual({ state: 'CONSENT_STATE_NONE', receiptId: '' });
    expect((await set(ida, { answer: 'ANSWER_WITHDRAWN' })).reply).toMatchObject({ state: 'CONSENT_STATE_WITHDRAWN' });
  });

  it.each<[string, string, object, status, string]>([
    ['an invalid message', 'Set', { customerId: ida, purposeId: 'newsletter' }, status.INVALID_ARGUMENT, 'BODY_INVALID'],
    ['an outdated notice', 'Set', { customerId: ida, purposeId: 'personal-offers', answer: 'ANSWER_GRANTED', noticeVersion: 1, language: 'LANGUAGE_DA' }, status.FAILED_PRECONDITION, 'CONSENT_NOTICE_OUTDATED'],
    ['an unknown customer', 'Get', { customerId: nobody }, status.NOT_FOUND, 'CUSTOMER_NOT_FOUND'],
  ])('refuses %s', async (_, method, request, code, kendtCode) => {
    const { error } = await service.grpc.call(method, request, { authorization });
    expect([error?.code, error?.metadata.get('kendt-code')]).toEqual([code, [kendtCode]]);
  });

  it("refuses a customer's own token, which is for the pages", async () => {
    const { error } = await service.grpc.call('Get', { customerId: ida }, { authorization: await service.token(idasOwn) });
    expect(error?.code).toBe(status.PERMISSION_DENIED);
  });

  it("does not know another brand's customer", async () => {
    const foreign = await service.grpc.call('Get', { customerId: ida }, { authorization: ofLund });
    const unknown = await service.grpc.call('Get', { customerId: nobody }, { authorization: ofLund });
    expect([foreign.error?.code, foreign.error?.details]).toEqual([unknown.error?.code, unknown.error?.details]);
    expect(await watch({ customerId: ida }, ofLund).ended).toBe(status.NOT_FOUND);
  });

  it("watches this brand's changes from now on, as they happen", async () => {
    const watcher = watch({});
    await watcher.ready;
    await service.group.grant(bo, 'newsletter', 1, 'lund');
    await service.group.grant(ida, 'newsletter');
    await service.group.withdraw(ida, 'newsletter');
    const changes = await watcher.has(2);
    expect(changes.map(({ customerId, brandId, purposeId, state, noticeVersion, channel }) => [customerId, brandId, purposeId, state, noticeVersion, channel])).toEqual([
      [ida, 'fjord', 'newsletter', 'CONSENT_STATE_GRANTED', 1, 'web'],
      [ida, 'fjord', 'newsletter', 'CONSENT_STATE_WITHDRAWN', 1, 'account'],
    ]);
    watcher.call.cancel();
    expect(await watcher.ended).toBe(status.CANCELLED);
  });

  it('watches one customer, or some purposes', async () => {
    const [one, some] = [watch({ customerId: bo }), watch({ purposeIds: ['personal-offers'] })];
    await Promise.all([one.ready, some.ready]);
    await service.group.grant(ida, 'newsletter');
    await service.group.grant(ida, 'personal-offers', 2);
    await service.group.grant(bo, 'newsletter');
    expect((await one.has(1))[0]).toMatchObject({ customerId: bo, purposeId: 'newsletter' });
    expect(await some.has(1)).toMatchObject([{ customerId: ida, purposeId: 'personal-offers' }]);
    [one, some].forEach(({ call }) => call.cancel());
  });

  it('ends with the service, at once', async () => {
    const other = await startConsent();
    const watcher = new Watcher(other.grpc.stream('Watch', {}, { authorization: await other.token(web) }));
    await watcher.ready;
    const started = performance.now();
    await other.app.close();
    expect(await watcher.ended).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(2000);
    await other.close();
  });
});
