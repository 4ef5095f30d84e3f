import type { Logger } from 'pino';
import type { Metrics } from '../operators/metrics.js';
import type { Tracing } from '../tracing/tracing.js';

/** What a process can be seen by from outside. */
export interface Observer {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;
export const millisecondsSince = (begun: number): number => Math.round(performance.now() - begun);
