import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { type Connector, connect, fileStore, type InSpan } from '@kendt/connector';
import { type CollectedSpan, type Collector, startCollector } from './collector.js';
import { journey } from './journey.js';
import { type OwnSystem, startOwn } from './place.js';
import { scanFor } from './scan.js';
import { eventually } from './step.js';
import { startSystems, type Systems } from './systems.js';
import { workspaceFile } from './workspace.js';
import { World } from './world.js';

interface Line extends Record<string, unknown> {
  readonly level: number;
  readonly msg: string;
}

const spansOfConnector = new InMemorySpanExporter();
const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spansOfConnector })] }).getTracer('shop');
const traceContext = /^00-([0-9a-f]{32})-([0-9a-f]{16})-/;

/** As docs/connectors.md shows it, without a propagator of W3C trace contexts. */
const inSpan: InSpan = ({ name, attributes, traceparent = '' }, work) => {
  const [, traceId = '', spanId = ''] = traceContext.exec(traceparent) ?? [];
  const parent = traceId ? trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, isRemote: true }) : ROOT_CONTEXT;
  const span = tracer.startSpan(name, { kind: SpanKind.CONSUMER, attributes }, parent);
  return work(span).finally(() => span.end());
};

/** The whole journey, at the loudest log level and with a collector of traces. */
describe('Kendt, seen from outside', () => {
  let folder: string;
  let own: OwnSystem;
  let systems: Systems;
  let collector: Collector;
  let connector: Connector;
  let world: World;
  let lines: readonly Line[];
  let scrape: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-outside-'));
    for (const name of ['systems', 'seen', 'shop']) mkdirSync(join(folder, name));
    collector = await startCollector();
    own = await startOwn(join(folder, 'data'), { LOG_LEVEL: 'trace', LOG_FILE: join(folder, 'seen/kendt.log'), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    systems = await startSystems(own.place.topics, join(folder, 'systems'));
    connector = connect({ system: 'shop', topics: own.place.topics, store: fileStore(join(folder, 'shop/memory')), inSpan });
    void connector.onCustomer(() => undefined).run();
    world = new World(own.place, systems, join(folder, 'systems'));
    for (const step of journey) await step.play(world);
    scrape = await seenByPrometheus();
    await eventually('the last span', async () => (spanNames().includes('follow publish-erasure-tasks') ? true : undefined));
    await connector.close();
    await systems.stop();
    await own.program.stop(); // sends the spans that are still in hand
    lines = readFileSync(join(folder, 'seen/kendt.log'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Line);
    collector.bodies.forEach((body, n) => writeFileSync(join(folder, `seen/spans-${n}`), body));
  }, 120_000);

  afterAll(async () => {
    await collector?.close();
    await own?.program.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const seenByPrometheus = async (): Promise<string> => {
    const { operatorsUrl } = JSON.parse(readFileSync(join(folder, 'data/running.json'), 'utf8')) as { operatorsUrl: string };
    const text = await (await fetch(`${operatorsUrl}/metrics`)).text();
    writeFileSync(join(folder, 'seen/metrics'), text);
    return text;
  };
  const spanNames = (): string[] => collector.spans.map(({ name }) => name);

  it('names nobody: not in a log at any level, not in a span, not in a metric', async () => {
    const { email, family, phone, password } = world.ida;
    const people = [email, family, phone, password, world.bo.email, world.bo.family, world.noted('ida')];
    const { files, bytes, finds } = await scanFor([join(folder, 'seen')], people);
    expect(finds).toEqual([]);
    expect(files).toBeGreaterThan(2);
    expect(bytes).toBeGreaterThan(10_000);
    expect(new Set(lines.map(({ level }) => level))).toEqual(new Set([20, 30])); // debug and info: nothing went wrong
  });

  it('would find somebody who stood there', async () => {
    writeFileSync(join(folder, 'seen/planted'), Buffer.from(`{"who":"${encodeURIComponent(world.ida.email)}"}`));
    const { finds } = await scanFor([join(folder, 'seen')], [world.ida.email]);
    rmSync(join(folder, 'seen/planted'));
    expect(finds).toHaveLength(1);
  });

  it.each(['request', 'message'])('has a line for each %s, with its trace, service, time and outcome', (msg) => {
    const of = lines.filter((line) => line.msg === msg);
    expect(of.length).toBeGreaterThan(5);
    for (const line of of) expect(line).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown, service: 'kendt', ms: expect.any(Number) as unknown, code: expect.stringMatching(/^[A-Z_]+$/) as unknown });
  });

  it('has one trace from the request through command, append, view and publisher to the connector that heard of it', () => {
    const requests = collector.spans.filter(({ name }) => name === 'POST /v1/customers');
    const heard = spansOfConnector.getFinishedSpans().filter(({ name }) => name === 'process kendt.profiles.fjord.v1');
    const request = requests.find(({ traceId }) => heard.some((span) => span.spanContext().traceId === traceId));
    const inTrace = collector.spans.filter(({ traceId }) => traceId === request?.traceId);
    const below = (parent: CollectedSpan | undefined, name: string): CollectedSpan => {
      const found = inTrace.find((span) => span.parentId === parent?.spanId && span.name === name);
      if (!found) throw new Error(`There is no ${name} below ${parent?.name}; there are ${inTrace.map((span) => span.name).join(', ')}`);
      return found;
    };
    below(below(request, 'RegisterFullCommand'), 'append');
    below(request, 'follow customers@1');
    below(below(request, 'follow publish-profiles'), 'publish kendt.profiles.fjord.v1');
    const consumed = heard.find((span) => span.spanContext().traceId === request?.traceId);
    expect(consumed?.parentSpanContext?.spanId).toBe(request?.spanId);
    expect(consumed?.attributes).toMatchObject({ 'kendt.system': 'shop', 'kendt.outcome': 'handled' });
  });

  it('shows every metric that an alert or the dashboard asks for', () => {
    const asked = globSync(workspaceFile('deploy/observability/*')).flatMap((file) => readFileSync(file, 'utf8').match(/\b(kendt|process)_[a-z_]+_?[a-z]+\b/g) ?? []);
    const missing = [...new Set(asked)].filter((name) => !scrape.includes(`\n${name}{`) && !scrape.includes(`\n${name} `) && !scrape.includes(`# TYPE ${name} `));
    expect(asked.length).toBeGreaterThan(30);
    expect(missing).toEqual([]);
  });
});
