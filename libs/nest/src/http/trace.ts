import { AsyncLocalStorage } from 'node:async_hooks';
import { randomFillSync } from 'node:crypto';

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
  return { traceId: caller?.traceId ?? randomHex(16), spanId: randomHex(8), flags: caller?.flags ?? '01' };
};

const stock = Buffer.alloc(4096);
let used = stock.length;

/** Drawn in stock: a request and each batch of events need some, and asking the system each time costs more than all the rest here. */
const randomHex = (bytes: number): string => {
  if (used + bytes > stock.length) used = randomFillSync(stock).length - stock.length;
  return stock.toString('hex', used, (used += bytes));
};

const allZero = (text: string): boolean => /^0*$/.test(text);

export const traceparent = ({ traceId, spanId, flags }: Trace): string => `00-${traceId}-${spanId}-${flags}`;

const storage = new AsyncLocalStorage<Trace>();

export const withTrace = <T>(trace: Trace, work: () => T): T => storage.run(trace, work);
export const currentTrace = (): Trace | undefined => storage.getStore();
