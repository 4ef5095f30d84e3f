import { describe, expect, it } from '@jest/globals';
import { MemoryKeyRing, type StoredEvent } from '@kendt/eventsourcing';
import { personalMarks } from './replay.js';

const of = (customerId: string): StoredEvent =>
  ({ stream: `customer-${customerId}`, personal: { contact: { sealed: 'b25l' }, purchases: { sealed: '' } } }) as unknown as StoredEvent;

describe('what a replay says of personal data', () => {
  it('tells what is there from what was erased, and from what was lost', async () => {
    const keys = new MemoryKeyRing();
    await keys.obtain('ida', 'contact');
    await keys.destroy('bo', 'contact');
    const marks = personalMarks(keys);
    expect([await marks(of('ida')), await marks(of('bo')), await marks(of('cara'))]).toEqual([
      { contact: 'present', purchases: 'erased' },
      { contact: 'erased', purchases: 'erased' },
      { contact: 'missing', purchases: 'erased' },
    ]);
  });

  it('says nothing where nothing is personal', async () => {
    expect(await personalMarks(new MemoryKeyRing())({ stream: 'brand-fjord' } as StoredEvent)).toBeUndefined();
  });
});
