import { describe, expect, it } from '@jest/globals';
import { traceFrom, traceparent } from './trace.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = 'b7ad6b7169203331';

describe('trace context', () => {
  it('goes on with the caller\'s trace, in a span of its own', () => {
    const trace = traceFrom(`00-${traceId}-${parent}-00`);
    expect(trace).toMatchObject({ traceId, flags: '00' });
    expect(trace.spanId).not.toBe(parent);
    expect(traceparent(trace)).toBe(`00-${traceId}-${trace.spanId}-00`);
  });

  it('takes a later version as far as it understands it', () => {
    expect(traceFrom(`01-${traceId}-${parent}-01-more`).traceId).toBe(traceId);
  });

  it.each([undefined, '', 'x', `00-${'0'.repeat(32)}-${parent}-01`, `00-${traceId}-${'0'.repeat(16)}-01`, `ff-${traceId}-${parent}-01`, `00-${traceId}-${parent}-01-more`, `00-${traceId.toUpperCase()}-${parent}-01`])(
    'begins one instead of %s',
    (header) => {
      const trace = traceFrom(header);
      expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(trace.traceId).not.toBe(traceId);
      expect(trace.traceId).not.toBe('0'.repeat(32));
    },
  );

  it('never gives the same id twice', () => {
    const traces = Array.from({ length: 1000 }, () => traceFrom(undefined));
    const ids = traces.flatMap(({ traceId, spanId }) => [traceId, spanId]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(traces.every((trace) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(traceparent(trace)))).toBe(true);
  });
});
