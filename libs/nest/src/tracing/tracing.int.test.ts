import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { readConfig } from '../config/config.js';
import { Followers } from '../runtime/followers.js';
import { tally, TalliesModule, type TestService, ToldTalliesModule } from '../testing/index.js';
import { callProbe, startProbe } from '../testing/probe.service.js';
import { ProbeModule } from '../testing/probe.examples.js';
import { openTracing } from './otlp.js';
import { Tracing } from './tracing.js';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
const spansOf = (traceId: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
/** A request is answered a moment before its span ends. */
const ended = async (name: string): Promise<ReadableSpan> => {
  for (let n = 0; n < 200; n++, await sleep(5)) {
    const span = exporter.getFinishedSpans().find((one) => one.name === name);
    if (span) return span;
  }
  throw new Error(`There is no span ${name}`);
};

describe('a trace', () => {
  let service: TestService;
  beforeEach(async () => {
    exporter.reset();
    service = await startProbe({ modules: [ProbeModule, TalliesModule, ToldTalliesModule], tracing: new Tracing(provider.getTracer('test')) });
  });
  afterEach(() => service.close());

  const traceId = 'ab'.repeat(16);
  const callers = `00-${traceId}-${'cd'.repeat(8)}-01`;
  const writer = { scopes: ['notes:write', 'notes:read'] };
  const told = async (position: string): Promise<void> => {
    for (const name of ['tallies@1', 'publish-tallies']) expect(await service.app.get(Followers).waitFor(name, position)).toBe(true);
  };

  it('goes on from the caller through the request to what was appended, and to what follows the event', async () => {
    const answer = await service.request('/v1/notes', { body: { text: 'hello' }, as: writer, headers: { traceparent: callers } });
    const position = answer.headers.get('kendt-position') ?? '';
    expect(await service.app.get(Followers).waitFor('notes@1', position)).toBe(true);
    const [request, append, follow] = await Promise.all(['POST /v1/notes', 'append', 'follow notes@1'].map(ended));
    expect(spansOf(traceId)).toEqual(expect.arrayContaining([request, append, follow]));
    expect(request!.kind).toBe(SpanKind.SERVER);
    expect(request!.parentSpanContext?.spanId).toBe('cd'.repeat(8));
    expect(append!.parentSpanContext?.spanId).toBe(request!.spanContext().spanId);
    expect(follow!.parentSpanContext?.spanId).toBe(request!.spanContext().spanId);
    expect(answer.headers.get('traceparent')).toBe(`00-${traceId}-${request!.spanContext().spanId}-01`);
    expect(request!.attributes).toMatchObject({ 'http.route': '/v1/notes', 'http.response.status_code': 202 });
  });

  it('holds what is published below the follower that publishes it', async () => {
    await told(await tally(service.ports.events, 'one', 'good'));
    const [follow, publish] = await Promise.all(['follow publish-tallies', 'publish tallies'].map(ended));
    expect(publish!.kind).toBe(SpanKind.PRODUCER);
    expect(publish!.parentSpanContext?.spanId).toBe(follow!.spanContext().spanId);
  });

  it('is linked to, not gone on with, where several things led to one piece of work', async () => {
    const ids = ['1', '2'].map((n) => n.repeat(32));
    await told(await tally(service.ports.events, 'one', ...ids.map((id) => ({ type: 'good', traceparent: `00-${id}-${'ef'.repeat(8)}-01` }))));
    const follow = await ended('follow tallies@1');
    expect(follow.parentSpanContext).toBeUndefined();
    expect(follow.links.map(({ context }) => context.traceId)).toEqual(ids);
    expect(spansOf(ids[0]!)).toEqual([]);
  });

  it('says the code of what went wrong, and nothing of what was sent', async () => {
    await service.request('/v1/notes?email=ida.holm@example.org', { body: { text: 'broken', email: 'ida.holm@example.org' }, as: writer, headers: { traceparent: callers } });
    await service.request('/nothing/ida.holm@example.org', { headers: { traceparent: callers } });
    await callProbe(service, 'Note', { text: 'hello' }, { authorization: 'Bearer nonsense', traceparent: callers });
    expect(await ended('POST /v1/notes')).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'kendt.code': 'INTERNAL' } });
    expect(await ended('GET (none)')).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes: { 'kendt.code': 'NOT_FOUND' } });
    expect((await ended('kendt.probe.v1.Probe/Note')).attributes).toMatchObject({ 'rpc.response.status_code': 'UNAUTHENTICATED' });
    const seen = JSON.stringify(spansOf(traceId).map(({ name, attributes, events, links, status }) => ({ name, attributes, events, links, status })));
    for (const secret of ['ida', 'nonsense', 'broken']) expect(seen).not.toContain(secret);
  });
});

describe('a collector', () => {
  let server: Server;
  let taken: { readonly path: string | undefined; readonly type: string | undefined; readonly body: string }[];
  let status: number;
  beforeEach(async () => {
    [taken, status] = [[], 200];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        taken.push({ path: request.url, type: request.headers['content-type'], body: Buffer.concat(chunks).toString('latin1') });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const open = (env: Readonly<Record<string, string>> = {}): Promise<Tracing> => {
    const { port } = server.address() as AddressInfo;
    return openTracing(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`, ...env }), { service: 'kendt', instance: 'here' });
  };

  it('is sent spans as protobuf, with the name of the service and the process', async () => {
    const tracing = await open();
    await tracing.inSpan({ name: 'a piece of work' }, async () => undefined);
    await tracing.close();
    expect(taken.map(({ path, type }) => [path, type])).toEqual([['/v1/traces', 'application/x-protobuf']]);
    for (const text of ['a piece of work', 'service.name', 'kendt', 'service.instance.id', 'here']) expect(taken[0]!.body).toContain(text);
    expect(tracing.counts).toEqual({ sent: 1, lost: 0 });
  });

  it('that refuses them costs spans, which are counted, and nothing else', async () => {
    status = 400;
    const tracing = await open();
    expect(await tracing.inSpan({ name: 'work' }, async () => 'done')).toBe('done');
    await tracing.close();
    expect(tracing.counts).toEqual({ sent: 0, lost: 1 });
  });

  it('is sent the share of traces that the sampler records, or what the caller has decided', async () => {
    const tracing = await open({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
    const record = (flags: string) => tracing.inSpan({ name: `caller ${flags}`, traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-${flags}` }, async () => undefined);
    await tracing.inSpan({ name: 'our own' }, async () => undefined);
    await record('00');
    await record('01');
    await tracing.close();
    expect(tracing.counts).toEqual({ sent: 1, lost: 0 });
    expect(taken[0]!.body).toContain('caller 01');
  });

  it('is nobody unless there is a setting: then the ids alone are made', async () => {
    const tracing = await openTracing(readConfig({}), { service: 'kendt', instance: 'here' });
    const span = tracing.begin({ name: 'work', traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` });
    expect(span.trace).toMatchObject({ traceId: 'ab'.repeat(16), flags: '01' });
    expect(span.trace.spanId).not.toBe('cd'.repeat(8));
    await tracing.close();
    expect(tracing.counts).toEqual({ sent: 0, lost: 0 });
  });
});
