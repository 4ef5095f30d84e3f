import type { Logger } from 'pino';
import { codeOf } from '../logs/stack-frames.js';
import type { Metrics } from '../operators/metrics.js';
import { toProblem } from '../problems/problem.js';
import type { Tracing } from '../tracing/tracing.js';

/** What a process can be seen by from outside. */
export interface Observer {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;
export const millisecondsSince = (begun: number): number => Math.round(performance.now() - begun);

/** What came instead of `ok`: a stable code, the code of what is below, or `INTERNAL`. */
export const outcomeOf = (error: unknown): string => {
  const { code } = toProblem(error);
  return code === 'INTERNAL' ? (codeOf(error) ?? code) : code;
};
