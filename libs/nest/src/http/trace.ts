import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** W3C Trace Context, level 1. */
export interface Trace {
  readonly traceId: string;
  /** Ours; the caller's is what led to it. */
  readonly spanId: string;
  readonly flags: string;
}

const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The caller's own span. `undefined`: a header that is not as the standard says is as good as none. */
export const callerOf = (header: string | undefined): Trace | undefined => {
  const [, version, traceId = '', spanId = '', flags = '', more] = shape.exec(header ?? '') ?? [];
  const valid = version && version !== 'ff' && !(version === '00' && more) && !allZero(traceId) && !allZero(spanId);
  return valid ? { traceId, spanId, flags } : undefined;
};

/** Goes on with the caller's trace, or begins one. */
export const traceFrom = (header: string | undefined): Trace => {
  const caller = callerOf(header);
  return { traceId: caller?.traceId ?? randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), flags: caller?.flags ?? '01' };
};

const allZero = (text: string): boolean => /^0*$/.test(text);

export const traceparent = ({ traceId, spanId, flags }: Trace): string => `00-${traceId}-${spanId}-${flags}`;

const storage = new AsyncLocalStorage<Trace>();

export const withTrace = <T>(trace: Trace, work: () => T): T => storage.run(trace, work);
export const currentTrace = (): Trace | undefined => storage.getStore();
