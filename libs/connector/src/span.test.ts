import { afterEach, describe, expect, it } from '@jest/globals';
import { closeAll, eventually, profile, start } from './connector.examples.js';
import { MemoryTransport } from './memory.transport.js';
import type { InSpan, SpanWish } from './span.js';

afterEach(closeAll);

const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;

describe('a span of a message', () => {
  const seen: (SpanWish & { outcome?: string })[] = [];
  const inSpan: InSpan = (wish, work) => {
    const span = { ...wish } as SpanWish & { outcome?: string };
    seen.push(span);
    return work({ setAttribute: (_, value) => (span.outcome = value) });
  };
  const traced = (customerId: string) => ({ ...profile(customerId), headers: { ...profile(customerId).headers, traceparent } });

  it('stands around its handling, goes on with its trace, says what became of it, and names nobody', async () => {
    const transport = new MemoryTransport();
    const handle = ({ customerId }: { customerId: string }): void => {
      if (customerId === 'bo') throw new Error('bo@example.org is unwelcome');
    };
    await start(transport, (crm) => crm.onCustomer(handle), { inSpan, tries: 1 });
    await transport.publish([traced('ida'), traced('bo'), profile('eva')]);
    await eventually(() => seen.filter(({ outcome }) => outcome).length === 3);
    expect(seen.map(({ outcome, traceparent: header }) => [outcome, header])).toEqual([['handled', traceparent], ['parked', traceparent], ['handled', undefined]]);
    expect(seen[0]).toMatchObject({ kind: 'consumer', attributes: { 'kendt.system': 'crm', 'kendt.following': 'customers' } });
    expect(JSON.stringify(seen)).not.toMatch(/ida|bo|eva|example\.org/);
  });
});
