import { setTimeout as sleep } from 'node:timers/promises';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Config, TraceRoute } from '../config/config.js';
import { Tracing } from './tracing.js';

/** Who sends the spans. */
export interface SpanSource {
  readonly service: string;
  readonly version?: string | undefined;
  readonly instance: string;
}

/** A collector that does not answer must not hold up the end of the process. */
const longestGoodbyeMs = 2000;

type Sdk = typeof import('@opentelemetry/sdk-trace');

/**
 * Off unless the configuration names a collector; OpenTelemetry's SDK is loaded only then. Its exporter reads the rest of what the
 * standard names (headers, time-out, compression, certificates) from the environment by itself.
 */
export const openTracing = async ({ traces }: Pick<Config, 'traces'>, { service, version = '1', instance }: SpanSource): Promise<Tracing> => {
  if (traces.url === undefined) return new Tracing();
  const [sdk, { OTLPTraceExporter }, { detectResources, envDetector, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ]);
  const ours = resourceFromAttributes({ 'service.name': service, 'service.version': version, 'service.namespace': 'kendt', 'service.instance.id': instance });
  const resource = ours.merge(detectResources({ detectors: [envDetector] }));
  const counts = { sent: 0, lost: 0 };
  const processor = new sdk.BatchSpanProcessor({ exporter: counting(new OTLPTraceExporter({ url: traces.url }), counts) });
  const provider = new sdk.TracerProvider({ resource, sampler: samplerOf(sdk, traces), spanProcessors: [processor] });
  return new Tracing(provider.getTracer('kendt', version), { counts, close: () => Promise.race([provider.shutdown().catch(() => undefined), sleep(longestGoodbyeMs, undefined, { ref: false })]) });
};

const samplerOf = (sdk: Sdk, { sampler, ratio }: TraceRoute): Sampler => {
  const root = sampler.endsWith('traceidratio') ? new sdk.TraceIdRatioBasedSampler(ratio) : sampler.endsWith('always_on') ? new sdk.AlwaysOnSampler() : new sdk.AlwaysOffSampler();
  return sampler.startsWith('parentbased_') ? new sdk.ParentBasedSampler({ root }) : root;
};

/** The SDK keeps to itself what it could not send. */
const counting = (exporter: SpanExporter, counts: { sent: number; lost: number }): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      counts[Number(result.code) === 0 ? 'sent' : 'lost'] += spans.length;
      done(result);
    }),
  forceFlush: async () => exporter.forceFlush?.(),
  shutdown: () => exporter.shutdown(),
});
