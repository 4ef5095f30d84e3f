import { describe, expect, it } from '@jest/globals';
import { checkAnswers, checkClosed, checkEffects, checkGoingOn, checkHeard, checkRace, checkRetryAfter, checkTakenOver, figuresOf } from './apart.checker.js';
import { codeAt, failureOf } from './apart.login.js';
import type { Row } from './apart.rows.js';
import { compareTopic } from './apart.topics.js';
import { mayCallAgain } from './apart.till.js';
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

  it('takes a gRPC stream that broke off for a lost answer, and nothing else that is called INTERNAL', () => {
    const codes = [[14, ''], [4, ''], [13, 'Received RST_STREAM with code 2 (Internal server error)'], [13, 'Something went wrong'], [2, ''], [5, '']] as const;
    expect(codes.map(([code, details]) => mayCallAgain({ code, details }))).toEqual([true, true, true, false, false, false]);
  });

  it('misses Retry-After where a service or the gateway says 503', () => {
    const busy: Fact = { is: 'again', what: 'contact', status: 503, code: 'STORE_BUSY', retryAfter: null };
    expect(checkRetryAfter([busy])).toEqual(['contact: 503 STORE_BUSY came without Retry-After']);
    expect(checkRetryAfter([{ is: 'again', what: 'contact', status: 503 }])).toEqual(['contact: 503 came without Retry-After']);
    expect(checkRetryAfter([{ ...busy, retryAfter: '1' }, { is: 'again', what: 'contact', status: 502 }])).toEqual([]);
  });
});

describe('the checker of commands while the broker is away', () => {
  const away: Fact = { is: 'away', from: 10_000, to: 12_500 };
  const at = (time: number, more: object = {}): Fact => ({ is: 'done', what: 'contact', customer: 'a', at: time, ...more });

  it('wants one a second in the meantime', () => {
    expect(checkGoingOn([away, at(10_100), at(12_400)])).toEqual([]);
    expect(checkGoingOn([away, at(9_900), at(10_100), at(12_600)])).toEqual(['1 commands were acknowledged in 2 s without the broker']);
    expect(checkGoingOn([away])).toEqual(['0 commands were acknowledged in 2 s without the broker']);
  });

  it('does not count what came over Kafka itself, and looks at each absence', () => {
    expect(checkGoingOn([away, at(10_100), at(12_400, { overKafka: true })])).toEqual(['1 commands were acknowledged in 2 s without the broker']);
    expect(checkGoingOn([away, at(10_100), at(10_200), { is: 'away', from: 20_000, to: 21_000 }])).toEqual(['0 commands were acknowledged in 1 s without the broker']);
  });
});

describe('the checker of what a connector has heard', () => {
  const given = [row(1, 'consent-a', 'ConsentGranted'), row(2, 'consent-a', 'ConsentRefused'), row(3, 'consent-b', 'ConsentGranted'), registered];
  const heard = (customer: string, state: string): Fact => ({ is: 'heard', customer, state });

  it('wants every consent, in order for each customer', () => {
    expect(checkHeard([heard('b', 'granted'), heard('a', 'granted'), heard('a', 'refused')], given)).toEqual([]);
    expect(checkHeard([heard('a', 'refused'), heard('a', 'granted'), heard('b', 'granted')], given)).toEqual(['consents of a: a connector heard refused,granted in place of granted,refused']);
    expect(checkHeard([heard('a', 'granted'), heard('a', 'refused')], given)).toEqual(['consents of b: a connector heard nothing in place of granted']);
  });

  it('sees what was heard twice', () => {
    const twice = [heard('a', 'granted'), heard('a', 'refused'), heard('a', 'refused'), heard('b', 'granted')];
    expect(checkHeard(twice, given)).toEqual(['consents of a: a connector heard granted,refused,refused in place of granted,refused']);
  });
});

describe('the checker of who takes over', () => {
  const paused = (fences: readonly (number | undefined)[], owners: readonly string[]): Fact => ({ is: 'paused', lease: 'topics', fences, owners });

  it('wants a higher fence, which stays with who took over', () => {
    expect(checkTakenOver([paused([3, 4, 4], ['two', 'two'])])).toEqual([]);
    expect(checkTakenOver([paused([3, 3, 3], ['one', 'one'])])).toEqual(['topics: nobody took over (fence 3, then 3)']);
    expect(checkTakenOver([paused([3, undefined, 4], ['two', 'two'])])).toEqual(['topics: nobody took over (fence 3, then undefined)']);
    expect(checkTakenOver([paused([3, 4, 5], ['two', 'one'])])).toEqual(['topics: did not stay with who took over (fence 4, then 5)']);
    expect(checkTakenOver([paused([3, 4, 4], ['two', 'one'])])).toEqual(['topics: did not stay with who took over (fence 4, then 4)']);
  });
});

describe('the checker of erasure cases', () => {
  it('wants each that was confirmed to be closed', () => {
    const confirmed: Fact = { is: 'done', what: 'erasure', customer: 'a', case: 'c1' };
    expect(checkClosed([confirmed, done('contact')], [row(1, 'erasure-c1', 'TaskAcknowledged'), row(2, 'erasure-c1', 'ErasureCompleted')])).toEqual([]);
    expect(checkClosed([confirmed], [row(1, 'erasure-c1', 'TaskAcknowledged'), row(2, 'erasure-c2', 'ErasureCompleted')])).toEqual(['erasure case c1 is still open']);
  });
});

describe('what becomes of a login', () => {
  const page = (url: string, status: number, retryAfter?: string) => ({ url, status, headers: new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) });
  const shop = 'http://127.0.0.1:3100/callback';
  const failure = (seen: ReturnType<typeof page>): Fact => {
    try {
      return { is: 'signed-in', code: codeAt(seen) };
    } catch (error) {
      return failureOf(error);
    }
  };

  it('is a code at the shop, or an answer that says whether to ask again', () => {
    expect(failure(page(`${shop}?code=c&state=s`, 200))).toEqual({ is: 'signed-in', code: 'c' });
    expect(failure(page('http://kendt/login/1', 503, '1'))).toMatchObject({ is: 'again', status: 503, retryAfter: '1' });
    expect(failure(page(`${shop}?error=temporarily_unavailable&state=s`, 200))).toMatchObject({ is: 'again', status: 303, code: 'temporarily_unavailable' });
    expect(failure(page(`${shop}?error=server_error`, 200))).toMatchObject({ is: 'refused', code: 'server_error' });
    expect(failure(page('http://kendt/login/1', 200))).toMatchObject({ is: 'refused', status: 200 });
    expect(failureOf(new TypeError('fetch failed'))).toMatchObject({ is: 'again', status: 0 });
    expect(failureOf(new Error('More than 15 redirects'))).toMatchObject({ is: 'refused', code: 'Error: More than 15 redirects' });
  });
});

describe('the figures of a run', () => {
  it('count what was done, looked at and asked again', () => {
    const facts: Fact[] = [done('contact'), done('erasure'), { is: 'signed-in' }, { is: 'looked' }, { is: 'looked' }, { is: 'again', what: 'token' }];
    expect(figuresOf(facts)).toEqual({ 'commands acknowledged': 2, 'customers erased': 1, logins: 1, 'looks by gRPC': 2, 'asked again': 1 });
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
