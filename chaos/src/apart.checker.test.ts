import { describe, expect, it } from '@jest/globals';
import { checkAnswers, checkEffects, checkRace, checkRetryAfter } from './apart.checker.js';
import type { Row } from './apart.rows.js';
import { compareTopic } from './apart.topics.js';
import type { Fact } from './scenario.js';

const row = (position: number, stream: string, type: string, data: object = {}): Row => ({ position, stream, type, id: `id-${position}`, data: { ...data } });
const registered = row(1, 'customer-a', 'CustomerRegistered', { kind: 'guest' });
const changed = row(2, 'customer-a', 'ContactDetailsChanged');
const bought = row(3, 'purchases-a', 'PurchaseRecorded', { purchaseId: 'p1' });
const done = (what: string, more: object = {}): Fact => ({ is: 'done', what, customer: 'a', ...more });
const all = [done('register'), done('contact'), done('purchase', { purchaseId: 'p1' })];

describe('the checker of what callers were told', () => {
  it('has nothing to say when each acknowledged command has one effect', () => {
    expect(checkEffects(all, [registered, changed, bought])).toEqual([]);
  });

  it('sees what was acknowledged and lost', () => {
    expect(checkEffects(all, [registered, bought])).toEqual(['contact a: 1 were acknowledged, 0 stand in the streams']);
    expect(checkEffects(all, [registered, changed])).toEqual(['purchase a p1: 1 were acknowledged, 0 stand in the streams']);
  });

  it('sees what was done twice, also where it made somebody of whom nobody was told', () => {
    expect(checkEffects(all, [registered, changed, bought, { ...changed, position: 4 }])).toEqual(['contact a: 1 were acknowledged, 2 stand in the streams']);
    expect(checkEffects(all, [registered, changed, bought, row(4, 'customer-b', 'CustomerRegistered', { kind: 'guest' })])).toEqual(['register b: 0 were acknowledged, 1 stand in the streams']);
  });

  it('lets be what the run did not register', () => {
    expect(checkEffects([], [row(1, 'customer-z', 'CustomerRegistered', { kind: 'full' }), row(2, 'customer-z', 'ContactDetailsChanged')])).toEqual([]);
  });

  it('tells refusals and silence always, and what may be sent again where nothing may fail', () => {
    const again: Fact = { is: 'again', what: 'contact', status: 502 };
    const wrong: Fact[] = [{ is: 'refused', what: 'contact', status: 500, code: 'INTERNAL' }, { is: 'unanswered', what: 'consent' }];
    expect(checkAnswers([again, again], { mayAskAgain: true })).toEqual([]);
    expect(checkAnswers([again, again], { mayAskAgain: false })).toEqual(['contact: was answered with 502, 2 times']);
    expect(checkAnswers(wrong, { mayAskAgain: true })).toEqual(['contact: was answered with 500 INTERNAL', 'consent: was never answered']);
  });

  it('misses Retry-After where a service or the gateway says 503', () => {
    const busy: Fact = { is: 'again', what: 'contact', status: 503, code: 'STORE_BUSY', retryAfter: null };
    expect(checkRetryAfter([busy])).toEqual(['contact: 503 STORE_BUSY came without Retry-After']);
    expect(checkRetryAfter([{ is: 'again', what: 'contact', status: 503 }])).toEqual(['contact: 503 came without Retry-After']);
    expect(checkRetryAfter([{ ...busy, retryAfter: '1' }, { is: 'again', what: 'contact', status: 502 }])).toEqual([]);
  });
});

describe('the checker of a race for one address', () => {
  const claimed = row(1, 'claim-x', 'IdentifierClaimed', { customerId: 'a' });
  const winner = row(2, 'customer-a', 'CustomerRegistered', { kind: 'full' });

  it('wants one claim, and the one who was registered to have it', () => {
    expect(checkRace([], [claimed, winner])).toEqual([]);
    expect(checkRace([], [claimed, winner, { ...claimed, position: 3 }])).toEqual(['2 have claimed the address']);
    expect(checkRace([], [claimed, winner, row(3, 'customer-b', 'CustomerRegistered', { kind: 'full' })])).toEqual(['2 were registered with the address']);
    expect(checkRace([], [row(1, 'claim-x', 'IdentifierClaimed', { customerId: 'b' }), winner])).toEqual(['Who was registered is not who has the address']);
    expect(checkRace([], [])).toEqual(['0 have claimed the address', '0 were registered with the address']);
  });
});

describe('the checker of what topics say of streams', () => {
  const events = [{ stream: 'customer-a', id: '1' }, { stream: 'customer-a', id: '2' }];
  const message = (id: string, value = id, key = 'a') => ({ partition: 0, offset: id, key, value, headers: { ce_id: id } });

  it('wants every event in order per customer, and the same bytes where one comes again', () => {
    expect(compareTopic([message('1'), message('9', '9', 'z'), message('2'), message('1')], events)).toEqual({ complaints: [], again: 1 });
    expect(compareTopic([message('2'), message('1')], events).complaints).toContain('a, message at 0/2: number 1 comes where 0 is due');
    expect(compareTopic([message('1')], events).complaints).toEqual(['a: 1 messages are missing at the end']);
    expect(compareTopic([message('1'), message('2'), message('1', 'other')], events).complaints).toEqual(['a, message at 0/1: says other in place of 1']);
    expect(compareTopic([message('1'), message('2'), message('3')], events).complaints).toEqual(['a, message at 0/3: nobody has sent this id']);
  });
});
