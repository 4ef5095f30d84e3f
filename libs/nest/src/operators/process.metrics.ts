import { statfs } from 'node:fs/promises';
import type { Config } from '../config/config.js';
import type { Tracing } from '../tracing/tracing.js';
import type { Health } from './health.js';
import type { Metrics } from './metrics.js';

/** How this process is. */
export const processMetrics = (metrics: Metrics, { dataDir }: Pick<Config, 'dataDir'>, health: Health, tracing: Tracing): void => {
  const readiness = metrics.fresh(() => health.readiness());
  const started = Date.now() / 1000 - process.uptime();
  metrics.gauge('kendt_part_ok', async () => (await readiness()).parts.map(({ name, ok }) => ({ labels: { part: name }, value: Number(ok) })));
  metrics.gauge('kendt_data_free_bytes', () => statfs(dataDir).then(({ bavail, bsize }) => bavail * bsize, () => []));
  metrics.gauge('process_resident_memory_bytes', () => process.memoryUsage.rss());
  metrics.gauge('process_start_time_seconds', () => started);
  metrics.count('process_cpu_seconds_total', () => processorSeconds());
  metrics.count('kendt_spans_total', () => Object.entries(tracing.counts).map(([outcome, value]) => ({ labels: { outcome }, value })));
};

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
