import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Followers } from '../runtime/followers.js';
import { startTestService, Tallies, TalliesModule, tally, type TestService } from '../testing/index.js';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly views: readonly Record<string, unknown>[]; readonly parked: readonly Record<string, unknown>[] };
  readonly headers: Headers;
}

describe('what operators ask for', () => {
  let service: TestService;
  beforeAll(async () => (service = await startTestService({ modules: [TalliesModule] })));
  afterAll(() => service.close());
  beforeEach(() => void (service.app.get(Tallies).broken = false));

  const ask = async (path: string, body?: unknown, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${service.operatorsUrl}/operators/${path}`, {
      headers: { authorization: `Bearer ${service.secrets.operatorsKey}` },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      ...init,
    });
    return { status: response.status, body: (await response.json()) as Answer['body'], headers: response.headers };
  };
  const code = async (answer: Promise<Answer>): Promise<[number, unknown]> => {
    const { status, body } = await answer;
    return [status, body['code']];
  };
  const add = async (key: string, ...types: string[]): Promise<void> => {
    const position = await tally(service.ports.events, key, ...types);
    expect(await service.app.get(Followers).waitFor('tallies@1', position)).toBe(true);
  };
  const rebuilt = async (body: object): Promise<Record<string, unknown>> => {
    const begun = (await ask('views/rebuild', body)).body;
    for (;;) {
      const rebuild = (await ask('views')).body.views.find(({ name }) => name === begun['name'])?.['rebuild'] as Record<string, unknown>;
      if (rebuild['endedAt'] !== undefined) return rebuild;
    }
  };

  it('needs their key, whatever is asked', async () => {
    for (const authorization of ['', 'Bearer wrong', service.secrets.operatorsKey, `Basic ${service.secrets.operatorsKey}`])
      for (const path of ['views', 'parked', 'nothing']) expect(await code(ask(path, undefined, { headers: { authorization } }))).toEqual([401, 'OPERATORS_KEY_WRONG']);
    expect(await code(ask('views/drop', { name: 'tallies@1' }, { headers: {} }))).toEqual([401, 'OPERATORS_KEY_WRONG']);
    expect((await fetch(`${service.operatorsUrl}/health/ready`)).status).toBe(200);
  });

  it('is refused when it is not as it should be, and the process lives on', async () => {
    expect(await code(ask('nothing'))).toEqual([404, 'NOT_FOUND']);
    const wrongMethod = await ask('views', {});
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET']);
    expect(await code(ask('views/drop'))).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(await code(ask('views/drop', { name: 'x'.repeat(5000) }))).toEqual([413, 'BODY_TOO_LARGE']);
    expect(await code(ask('views/drop', { name: randomBytes(200_000).toString('hex') }))).toEqual([413, 'BODY_TOO_LARGE']);
    expect(await code(ask('views/drop', undefined, { method: 'POST', body: '{', headers: { authorization: `Bearer ${service.secrets.operatorsKey}` } }))).toEqual([400, 'JSON_INVALID']);
    for (const body of [{}, { name: '' }, { name: 1 }, { name: 'a', more: 1 }]) expect(await code(ask('views/drop', body))).toEqual([422, 'BODY_INVALID']);
    expect(await code(ask('views/rebuild', { name: 'idempotency@1' }))).toEqual([404, 'VIEW_UNKNOWN']);
    expect(await code(ask('views/drop', { name: 'idempotency@1' }))).toEqual([404, 'VIEW_UNKNOWN']);
    expect(await code(ask('views/drop', { name: 'tallies@1' }))).toEqual([409, 'VIEW_IN_USE']);
    expect(await code(ask('views/compare', { name: 'tallies@1' }))).toEqual([404, 'VIEW_UNKNOWN']);
    expect(await code(ask('parked/retry', { follower: 'nobody' }))).toEqual([404, 'FOLLOWER_UNKNOWN']);
  });

  it('lists what is parked and tries it again: all, or one customer’s', async () => {
    service.app.get(Tallies).broken = true;
    await add('one', 'bad', 'good');
    await add('two', 'bad');
    expect((await ask('parked')).body.parked.map(({ follower, key, type, reason }) => [follower, key, type, reason])).toEqual([
      ['tallies@1', 'one', 'bad', 'RangeError'], ['tallies@1', 'one', 'good', 'WAITS_BEHIND'], ['tallies@1', 'two', 'bad', 'RangeError'],
    ]);
    expect((await ask('parked/retry', {})).body).toEqual({ through: 0, left: 3 });
    service.app.get(Tallies).broken = false;
    expect((await ask('parked/retry', { follower: 'tallies@1', key: 'one' })).body).toEqual({ through: 2, left: 1 });
    expect((await ask('parked/retry', {})).body).toEqual({ through: 1, left: 0 });
    expect((await ask('parked')).body.parked).toEqual([]);
    expect((await service.app.get(Tallies).view.get('one'))?.value).toEqual({ count: 2 });
  });

  it('rebuilds a view while it is read, compares, and drops the old build', async () => {
    await add('three', 'good');
    const { state, comparison } = await rebuilt({ name: 'tallies@1' });
    expect([state, (comparison as { differences: number }).differences]).toEqual(['switched', 0]);
    const { views } = (await ask('views')).body;
    expect(views).toMatchObject([{ name: 'tallies@1', state: 'kept', lagEvents: 0, parked: 0 }, { name: 'tallies@1#2', state: 'active', lagEvents: 0, read: 1 }]);
    expect(views[0]!['documents']).toBe(views[1]!['documents']);
    await add('three', 'good');
    expect((await service.app.get(Tallies).view.get('three'))?.value).toEqual({ count: 2 });
    expect((await ask('views/compare', { name: 'tallies@1' })).body).toMatchObject({ differences: 0 });
    expect((await ask('views/drop', { name: 'tallies@1' })).body).toEqual({ dropped: 'tallies@1' });
    expect((await ask('views')).body.views).toHaveLength(1);
  });

  it('shows and drops the documents of a version that the program no longer has', async () => {
    await (await service.ports.views.open<object>({ name: 'tallies@0' })).put('old', { count: 1 });
    await (await service.ports.views.open<object>({ name: 'sessions@1' })).put('live', { count: 1 });
    expect((await ask('views')).body.views.at(-1)).toMatchObject({ name: 'tallies@0', state: 'left over', documents: 1 });
    expect((await ask('views/drop', { name: 'tallies@0' })).status).toBe(200);
    expect(await service.ports.views.names()).not.toContain('tallies@0');
    expect(await service.ports.views.names()).toContain('sessions@1');
  });

  it('is measured: how far behind, how fast, how much is parked, how far a build has come', async () => {
    const before = await metric('kendt_follower_events_total');
    service.app.get(Tallies).broken = true;
    await add('four', 'good', 'good', 'bad');
    expect(await metric('kendt_follower_events_total')).toBe(before + 3);
    expect(await metric('kendt_follower_parked_events')).toBe(1);
    expect(await metric('kendt_follower_lag_events')).toBe(0);
    expect(await metric('kendt_follower_lag_seconds')).toBe(0);
    expect(await metric('kendt_view_rebuild_progress_ratio')).toBeNaN();
    service.app.get(Tallies).broken = false;
    await ask('parked/retry', {});
    expect(await metric('kendt_follower_parked_events')).toBe(0);
    const ready = (await (await fetch(`${service.operatorsUrl}/health/ready`)).json()) as { status: string };
    expect(ready.status).toBe('ready');
  });

  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${service.operatorsUrl}/metrics`)).text();
    return Number(text.split('\n').find((line) => line.startsWith(`${name}{name="tallies@1"}`))?.split(' ')[1]);
  };
});
