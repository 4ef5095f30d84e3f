import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Notes } from '../testing/probe.examples.js';
import { startProbe } from '../testing/probe.service.js';
import type { TestService, TokenWish } from '../testing/index.js';

/** The same port for a second process: what that one closes stays open here. */
const lasting = <Port extends { close(): Promise<void> }>(port: Port): Port => Object.assign(Object.create(port) as Port, { close: async () => undefined });

describe('Idempotency-Key', () => {
  let service: TestService;
  let now = new Date();
  beforeAll(async () => {
    service = await startProbe({ clock: () => now });
  });
  afterAll(() => service.close());

  const writer: TokenWish = { scopes: ['notes:write'], lifetime: 3600 };
  const post = (key: string, body: unknown, as: TokenWish = writer): Promise<Response> => service.request('/v1/notes', { body, as, headers: { 'idempotency-key': key } });
  const code = async (response: Response): Promise<unknown> => ((await response.json()) as { code: string }).code;
  const written = (): number => service.app.get(Notes).written;

  it('repeats status, body and position, and does nothing again', async () => {
    const first = await post('a', { text: 'one', email: 'ida.holm@example.org' });
    const before = written();
    const second = await post('"a"', { email: 'ida.holm@example.org', text: 'one' });
    expect([second.status, second.headers.get('kendt-position'), await second.json()]).toEqual([first.status, first.headers.get('kendt-position'), await first.json()]);
    expect(first.status).toBe(202);
    expect(written()).toBe(before);
  });

  it('refuses the key with another body', async () => {
    await post('b', { text: 'one' });
    const response = await post('b', { text: 'two' });
    expect([response.status, await code(response)]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('is the caller\'s own', async () => {
    await post('c', { text: 'one' });
    expect((await post('c', { text: 'two' }, { ...writer, clientId: 'lund-web' })).status).toBe(202);
  });

  it('keeps a refusal, but not what went wrong on our side', async () => {
    const kept = async (): Promise<number> => (await (await service.ports.views.open({ name: 'idempotency@1' })).list({ limit: 1000 })).documents.length;
    for (const [text, status, more] of [['refused', 409, 1], ['broken', 500, 0]] as const) {
      const before = await kept();
      const answers = [await post(`d-${text}`, { text }), await post(`d-${text}`, { text })];
      expect(answers.map((answer) => answer.status)).toEqual([status, status]);
      expect((await kept()) - before).toBe(more);
    }
  });

  it('lets one of several through that come at the same moment', async () => {
    const before = written();
    const statuses = (await Promise.all(Array.from({ length: 5 }, () => post('h', { text: 'one' })))).map(({ status }) => status);
    expect(written() - before).toBe(1);
    expect(statuses.every((status) => status === 202 || status === 409)).toBe(true);
  });

  it('lets one through where two processes are asked at the same moment, and both tell its answer afterwards', async () => {
    const { events, views, topics, keys } = service.ports;
    const ports = { events: lasting(events), views: lasting(views), topics: lasting(topics), keys: lasting(keys) };
    const other = await startProbe({ clock: () => now, ports, secrets: service.secrets });
    const ask = (n: number): Promise<Response> => (n % 2 ? other : service).request('/v1/notes', { body: { text: 'one' }, as: writer, headers: { 'idempotency-key': 'two' } });
    const writtenByAll = (): number => written() + other.app.get(Notes).written;
    const before = writtenByAll();
    const statuses = (await Promise.all(Array.from({ length: 8 }, (_, n) => ask(n)))).map(({ status }) => status);
    const afterwards = await Promise.all([ask(0), ask(1)].map(async (asked) => [(await asked).status, (await asked).headers.get('kendt-position'), await (await asked).text()]));
    await other.close();
    expect(writtenByAll() - before).toBe(1);
    expect(statuses.filter((status) => status !== 202 && status !== 409)).toEqual([]);
    expect(afterwards[0]).toEqual(afterwards[1]);
    expect(afterwards[0]?.[0]).toBe(202);
  });

  it('lets only one of two at once through, and takes over one that died', async () => {
    const notes = service.app.get(Notes);
    let release = (): void => undefined;
    notes.hold = new Promise((resolve) => (release = resolve));
    const first = post('e', { text: 'slow' });
    await sleep(50);
    const second = await post('e', { text: 'slow' });
    expect([second.status, second.headers.get('retry-after'), await code(second)]).toEqual([409, '1', 'IDEMPOTENCY_IN_PROGRESS']);
    now = new Date(now.getTime() + 31_000);
    const third = post('e', { text: 'slow' });
    await sleep(50);
    release();
    expect([(await first).status, (await third).status]).toEqual([202, 202]);
    expect((await post('e', { text: 'slow' })).status).toBe(202);
  });

  it('lets the key be used again at once when the process that worked on it is gone', async () => {
    const view = await service.ports.views.open<{ startedBy: { run: string; pid: number } }>({ name: 'idempotency@1' });
    const before = new Set((await view.list({ limit: 1000 })).documents.map(({ id }) => id));
    const notes = service.app.get(Notes);
    notes.hold = new Promise(() => undefined);
    void post('k', { text: 'one' }).catch(() => undefined); // never answered: its process is killed
    await sleep(50);
    notes.hold = Promise.resolve();
    expect((await post('k', { text: 'one' })).status).toBe(409);
    const kept = (await view.list({ limit: 1000 })).documents.find(({ id }) => !before.has(id))!;
    await view.put(kept.id, { ...kept.value, startedBy: { ...kept.value.startedBy, run: 'killed' } });
    expect(await code(await post('k', { text: 'two' }))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect((await post('k', { text: 'one' })).status).toBe(202);
  });

  it('keeps nothing that can be read', async () => {
    await post('f-secret-key', { text: 'secret-text', email: 'ida.holm@example.org' });
    const view = await service.ports.views.open({ name: 'idempotency@1' });
    const kept = JSON.stringify((await view.list({ limit: 1000 })).documents);
    for (const text of ['secret', 'ida.holm', 'written', 'fjord-web']) expect(kept).not.toContain(text);
  });

  it('forgets after a day', async () => {
    await post('g', { text: 'one' });
    now = new Date(now.getTime() + 25 * 3600 * 1000);
    expect((await post('g', { text: 'two' })).status).toBe(202);
  });

  it('refuses a key that is none', async () => {
    const response = await post('a b', { text: 'one' });
    expect([response.status, await code(response)]).toEqual([400, 'IDEMPOTENCY_KEY_INVALID']);
  });
});
