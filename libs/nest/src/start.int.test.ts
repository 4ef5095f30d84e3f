import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { readConfig } from './config/config.js';
import { generateSecrets } from './config/secrets.js';
import type { Readiness } from './operators/health.js';
import { startKendt } from './start.js';
import { memoryPorts, type TestService } from './testing/index.js';
import { Notes, ProbeModule } from './testing/probe.examples.js';
import { callProbe, probeContract, startProbe } from './testing/probe.service.js';

const writer = { scopes: ['notes:write', 'notes:read'] };

describe('a running service', () => {
  let service: TestService;
  const lines: Record<string, unknown>[] = [];
  beforeAll(async () => {
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    service = await startProbe({ logger, env: { RATE_REGISTER_PER_MINUTE: '20', RATE_IDENTIFIER_PER_MINUTE: '2' } });
  });
  afterAll(() => service.close());

  const operators = (path: string): Promise<Response> => fetch(service.operatorsUrl + path);

  it('waits until a view has what its caller wrote', async () => {
    const position = (await service.request('/v1/notes', { body: { text: 'hello' }, as: writer })).headers.get('kendt-position') ?? '';
    expect((await service.request('/v1/notes', { as: writer, headers: { 'kendt-after': position } })).status).toBe(200);
  });

  it('says after two seconds that a view is behind', async () => {
    const response = await service.request('/v1/notes', { as: writer, headers: { 'kendt-after': '~~~~' } });
    expect([response.status, ((await response.json()) as { code: string }).code, response.headers.get('retry-after')]).toEqual([425, 'VIEW_BEHIND', '1']);
  });

  it('limits registrations per person, and then per address', async () => {
    const register = (email: string): Promise<Response> => service.request('/v1/register', { body: { text: 'x', email } });
    const statuses = [await register('ida@example.org'), await register(' IDA@example.org'), await register('ida@EXAMPLE.org ')].map(({ status }) => status);
    expect(statuses).toEqual([201, 201, 429]);
    const others = await Promise.all(Array.from({ length: 18 }, (_, n) => register(`other${n}@example.org`)));
    expect(others.filter(({ status }) => status === 201)).toHaveLength(17);
    const refused = others.find(({ status }) => status === 429);
    expect(((await refused?.json()) as { code: string }).code).toBe('RATE_LIMITED');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is live and ready on both ports, and tells operators alone of what it is made', async () => {
    for (const base of [service.httpUrl, service.operatorsUrl]) expect(await (await fetch(`${base}/health/live`)).json()).toEqual({ status: 'live' });
    expect(await (await fetch(`${service.httpUrl}/health/ready`)).json()).toEqual({ status: 'ready' });
    const { status, parts } = (await (await operators('/health/ready')).json()) as Readiness;
    expect(status).toBe('ready');
    expect(parts.map(({ name }) => name)).toEqual(expect.arrayContaining(['event-store', 'views', 'topics', 'follower notes@1']));
  });

  it('shows its numbers to operators alone', async () => {
    const numbers = await (await operators('/metrics')).text();
    expect(numbers).toContain('kendt_http_request_seconds_count{method="POST",route="/v1/notes",status="2xx"}');
    expect(numbers).toContain('kendt_follower_caught_up{name="notes@1"} 1');
    expect(numbers).toContain('kendt_follower_parked_events{name="notes@1"} 0');
    expect((await service.request('/metrics')).status).toBe(404);
    expect((await operators('/v1/notes')).status).toBe(404);
  });

  it('logs a line per request, with the pattern and never with what was sent', async () => {
    lines.length = 0;
    const traceId = 'ab'.repeat(16);
    await service.request('/v1/customers/0199b2c1-7a52-7c1e-9a30-5b1f6f6f6f01?email=ida.holm@example.org', { as: writer, headers: { traceparent: `00-${traceId}-${'cd'.repeat(8)}-01` } });
    await service.request('/v1/notes', { body: { text: 'broken', email: 'ida.holm@example.org' }, as: writer });
    await service.request('/nothing/ida.holm@example.org');
    await callProbe(service, 'Note', { text: 'hello' }, { authorization: 'Bearer nonsense' });
    await sleep(20);
    expect(lines.find((line) => line['traceId'] === traceId)).toMatchObject({ msg: 'request', method: 'GET', route: '/v1/customers/:id', status: 200, code: 'OK' });
    expect(lines).toContainEqual(expect.objectContaining({ route: '/v1/notes', status: 500, code: 'INTERNAL' }));
    expect(lines).toContainEqual(expect.objectContaining({ method: 'GRPC', route: '/kendt.probe.v1.Probe/Note', status: 'UNAUTHENTICATED' }));
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'Unexpected error', stack: expect.stringContaining('at Notes.write') as unknown }));
    for (const secret of ['ida', '0199b2c1', 'nonsense', 'Bearer']) expect(JSON.stringify(lines)).not.toContain(secret);
  });
});

describe('stopping', () => {
  it('finishes what is in hand and takes no more', async () => {
    const service = await startProbe();
    let release = (): void => undefined;
    service.app.get(Notes).hold = new Promise((resolve) => (release = resolve));
    const slow = service.request('/v1/notes', { body: { text: 'slow' }, as: writer });
    const connections = (): Promise<number> => new Promise((resolve) => void service.app.getHttpServer().getConnections((_, count) => resolve(count)));
    while ((await connections()) === 0) await sleep(5);
    await sleep(50);
    const closed = service.close();
    await sleep(50);
    await expect(fetch(`${service.httpUrl}/health/live`)).rejects.toThrow();
    release();
    expect((await slow).status).toBe(202);
    await closed;
    await service.close();
  });
});

describe('a port that is taken', () => {
  it.each(['HTTP_PORT', 'GRPC_PORT', 'OPERATORS_PORT'])('%s is named in one sentence', async (setting) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const config = readConfig({ HTTP_PORT: '0', GRPC_PORT: '0', OPERATORS_PORT: '0', LOG_LEVEL: 'silent', [setting]: String(port) });
    const started = startKendt({ name: 'test', modules: [ProbeModule], grpc: [probeContract], ports: memoryPorts(), config, secrets: await generateSecrets() });
    await expect(started).rejects.toThrow(`Port ${port} is in use by another program: stop that one, or set ${setting} to another port.`);
    await new Promise((resolve) => server.close(resolve));
  });
});
