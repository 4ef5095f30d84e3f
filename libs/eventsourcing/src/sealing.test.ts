import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DataGroup, dataGroups, erased } from '@kendt/kernel';
import { deterministicId } from './command-context.js';
import { type EventStore, type NewEvent, readAll, START, type StoredEvent } from './event-store.port.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryKeyRing } from './memory/key-ring.memory.js';
import { IntegrityError, sealing } from './sealing.js';

describe('sealing', () => {
  let inner: EventStore;
  let keys: MemoryKeyRing;
  let store: EventStore;
  beforeEach(() => {
    inner = new MemoryEventStore();
    keys = new MemoryKeyRing();
    store = sealing(inner, keys);
  });

  it('gives back what was written, to readers and to subscribers', async () => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    expect((await readAll(store, 'customer-ida'))[0]?.personal).toEqual({ contact: ida });
    expect((await firstOf(store)).personal).toEqual({ contact: ida });
  });

  it('keeps no plaintext in the store', async () => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    const stored = JSON.stringify(await readAll(inner, 'customer-ida'));
    expect(stored).not.toContain('ida.holm');
    expect(stored).not.toContain(Buffer.from('ida.holm').toString('base64').slice(0, 8));
  });

  it('seals the same data differently every time', async () => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida }), event('2', { contact: ida })] }]);
    const [first, second] = await readAll(inner, 'customer-ida');
    expect(first?.personal).not.toEqual(second?.personal);
  });

  it('reads `erased` once the key of the group is destroyed, and the other groups as before', async () => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida, evidence: { shown: 'notice 2' } })] }]);
    await keys.destroy('ida', 'contact');
    expect((await readAll(store, 'customer-ida'))[0]?.personal).toEqual({ contact: erased, evidence: { shown: 'notice 2' } });
  });

  it('keeps nothing that comes after the key is gone', async () => {
    await keys.destroy('ida', 'contact');
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    expect(JSON.stringify(await readAll(inner, 'customer-ida'))).not.toContain('ida.holm');
    expect((await readAll(store, 'customer-ida'))[0]?.personal).toEqual({ contact: erased });
  });

  it.each([
    ['altered', (sealed: string) => flip(sealed)],
    ['cut short', (sealed: string) => sealed.slice(0, 20)],
  ])('calls a ciphertext that was %s an integrity error, never erased', async (_what, damage) => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    const damaged = sealing(damaging(inner, damage), keys);
    await expect(readAll(damaged, 'customer-ida')).rejects.toBeInstanceOf(IntegrityError);
  });

  it('notices a ciphertext that was moved to another event, stream or group', async () => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    const [stored] = await readAll(inner, 'customer-ida');
    const moved = (change: Partial<NewEvent>, stream: string) => inner.append([{ stream, expected: 'any', events: [{ ...event('9', {}), ...change }] }]);
    await moved({ personal: stored?.personal ?? {} }, 'customer-ida');
    await moved({ id: deterministicId('8'), personal: stored?.personal ?? {} }, 'login-ida');
    await moved({ id: deterministicId('7'), personal: { evidence: stored?.personal?.contact ?? {} } }, 'profile-ida');
    await expect(readAll(store, 'customer-ida')).rejects.toBeInstanceOf(IntegrityError);
    await expect(readAll(store, 'login-ida')).rejects.toBeInstanceOf(IntegrityError);
  });

  it('holds for any history and any destruction: exactly the destroyed groups are erased', async () => {
    const customers = ['ida', 'bo', 'eva'];
    const group = fc.constantFrom(...dataGroups);
    const written = fc.record({ customer: fc.constantFrom(...customers), group, text: fc.string() });
    const destroyed = fc.uniqueArray(fc.tuple(fc.constantFrom(...customers), group), { selector: (pair) => pair.join() });
    await fc.assert(
      fc.asyncProperty(fc.array(written, { maxLength: 20 }), destroyed, async (history, gone) => {
        const ring = new MemoryKeyRing();
        const sealed = sealing(new MemoryEventStore(), ring);
        for (const [n, { customer, group: in_, text }] of history.entries())
          await sealed.append([{ stream: `customer-${customer}`, expected: 'any', events: [event(`h${n}`, { [in_]: { text } })] }]);
        for (const [customer, in_] of gone) await ring.destroy(customer, in_);
        const isGone = (customer: string, in_: DataGroup) => gone.some(([c, g]) => c === customer && g === in_);
        for (const customer of customers) {
          const expected = history.filter((entry) => entry.customer === customer).map((entry) => ({ [entry.group]: isGone(customer, entry.group) ? erased : { text: entry.text } }));
          expect((await readAll(sealed, `customer-${customer}`)).map(({ personal }) => personal)).toEqual(expected);
        }
      }),
      { numRuns: 50 },
    );
  });
});

const ida = { email: 'ida.holm@example.org', name: { given: 'Ida', family: 'Holm' } };

const event = (name: string, personal: NonNullable<NewEvent['personal']>): NewEvent => ({
  id: deterministicId(name),
  type: 'Noted',
  data: {},
  personal,
  metadata: {
    commandId: name, correlationId: name, causationId: name, actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1',
  },
});

const firstOf = async (store: EventStore): Promise<StoredEvent> => {
  const abort = new AbortController();
  for await (const { events } of store.subscribe({ after: START, categories: [], signal: abort.signal })) {
    abort.abort();
    if (events[0]) return events[0];
  }
  throw new Error('nothing came');
};

const flip = (sealed: string): string => {
  const bytes = Buffer.from(sealed, 'base64');
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  return bytes.toString('base64');
};

/** Shows every sealed group of the store inside with some damage. */
const damaging = (inner: EventStore, damage: (sealed: string) => string): EventStore => ({
  append: (appends) => inner.append(appends),
  subscribe: (options) => inner.subscribe(options),
  close: () => inner.close(),
  async *read(stream, options) {
    for await (const stored of inner.read(stream, options)) {
      const groups = Object.entries(stored.personal ?? {}).map(([group, value]) => [group, { sealed: damage((value as unknown as { sealed: string }).sealed) }]);
      yield { ...stored, personal: Object.fromEntries(groups) as NonNullable<NewEvent['personal']> };
    }
  },
});
