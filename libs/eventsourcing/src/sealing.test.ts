import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DataGroup, dataGroups, erased } from '@kendt/kernel';
import { deterministicId } from './command-context.js';
import { type EventStore, type NewEvent, readAll, START, type StoredEvent } from './event-store.port.js';
import { follow } from './follower.js';
import { cachedKeys } from './key-ring.cached.js';
import type { KeyRing } from './key-ring.port.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryKeyRing } from './memory/key-ring.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { IntegrityError } from './sealed.js';
import { sealing } from './sealing.js';

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

  it.each<[string, (sealed: string) => unknown]>([
    ['altered', (sealed) => ({ sealed: flip(sealed) })],
    ['cut short', (sealed) => ({ sealed: sealed.slice(0, -4) })],
    ['cut down to less than a tag', (sealed) => ({ sealed: sealed.slice(0, 20) })],
    ['emptied, as if it had come after the key was destroyed', () => ({ sealed: '' })],
    ['mixed with what base64 skips', (sealed) => ({ sealed: `${sealed.slice(0, 8)}!!!!${sealed.slice(8)}` })],
    ['replaced by a number', () => ({ sealed: 7 })],
    ['replaced by plain data', () => ida],
    ['replaced by a text', () => erased],
    ['replaced by nothing', () => null],
  ])('calls a ciphertext that was %s an integrity error, never erased', async (_what, damage) => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    for (const ring of [keys, cachedKeys(keys)]) {
      const damaged = sealing(damaging(inner, (groups) => mapped(groups, damage)), ring);
      await expect(lookedAt(readAll(damaged, 'customer-ida'))).rejects.toBeInstanceOf(IntegrityError);
      await expect(lookedAt(firstOf(damaged))).rejects.toBeInstanceOf(IntegrityError);
    }
  });

  it.each<[string, (groups: Stored) => Stored]>([
    ['renamed to another group', ({ contact, ...rest }) => ({ ...rest, purchases: contact })],
    ['renamed to a group that there is not', ({ contact, ...rest }) => ({ ...rest, kontakt: contact })],
    ['swapped with that of another group', ({ contact, evidence }) => ({ contact: evidence, evidence: contact })],
  ])('calls a ciphertext that was %s an integrity error', async (_what, change) => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida, evidence: ida })] }]);
    await expect(lookedAt(readAll(sealing(damaging(inner, change), keys), 'customer-ida'))).rejects.toBeInstanceOf(IntegrityError);
  });

  it.each([
    ['event', 'customer-ida', '9'],
    ['stream', 'login-ida', '1'],
    ['customer', 'customer-bo', '1'],
  ])('notices a ciphertext that was moved to another %s', async (_what, stream, id) => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    await keys.obtain('bo', 'contact');
    const elsewhere = new MemoryEventStore();
    const [stored] = await readAll(inner, 'customer-ida');
    await elsewhere.append([{ stream, expected: 'none', events: [{ ...event(id, {}), personal: stored?.personal ?? {} }] }]);
    await expect(lookedAt(readAll(sealing(elsewhere, keys), stream))).rejects.toBeInstanceOf(IntegrityError);
  });

  it('opens only what is looked at, so that damage harms nobody who does not need it, and each time anew who does', async () => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida, evidence: ida })] }]);
    const damaged = sealing(damaging(inner, ({ contact, ...rest }) => ({ ...rest, contact: mapped({ contact }, (sealed) => ({ sealed: flip(sealed) }))['contact'] })), keys);
    const [{ personal }] = (await readAll(damaged, 'customer-ida')) as [StoredEvent];
    expect(personal?.evidence).toEqual(ida);
    expect(() => personal?.contact).toThrow(IntegrityError);
    expect(() => ({ ...personal })).toThrow(IntegrityError);
  });

  it('lets a follower park what was tampered with, and go on with other customers', async () => {
    for (const name of ['ida', 'bo']) await store.append([{ stream: `customer-${name}`, expected: 'none', events: [event(name, { contact: ida })] }]);
    const damaged = damaging(inner, (groups, { stream }) => (stream === 'customer-ida' ? mapped(groups, (sealed) => ({ sealed: flip(sealed) })) : groups));
    const seen: unknown[] = [];
    const handle = ({ personal }: StoredEvent): void => void seen.push(personal?.contact);
    const following = follow({ store: sealing(damaged, keys), views: new MemoryViews() }, { name: 'watch', categories: ['customer'], handle }, { retryDelays: [] });
    const { position } = (await readAll(inner, 'customer-bo'))[0]!;
    expect([await following.waitFor(position, 1000), seen, following.parkedCount, following.lastError]).toEqual([true, [ida], 1, 'IntegrityError']);
    await following.stop();
  });

  it('shows what was read before a destruction, also when it is looked at after it', async () => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    const before = await readAll(store, 'customer-ida');
    await keys.destroy('ida', 'contact');
    expect(before[0]?.personal?.contact).toEqual(ida);
    expect(before[0]?.personal?.contact).toBe(before[0]?.personal?.contact);
  });

  it('calls data whose key was never in this key ring lost, never erased', async () => {
    await store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    const read = readAll(sealing(inner, new MemoryKeyRing()), 'customer-ida');
    await expect(read).rejects.toThrow('bring the right key ring back');
    await expect(read).rejects.toBeInstanceOf(IntegrityError);
  });

  it('refuses a data group that there is not, and writes nothing', async () => {
    const personal = { kontakt: ida } as NonNullable<NewEvent['personal']>;
    await expect(store.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', personal)] }])).rejects.toBeInstanceOf(IntegrityError);
    expect(await readAll(inner, 'customer-ida')).toEqual([]);
  });

  it('takes what came after a destruction elsewhere for erased, also where the key is still held', async () => {
    const held = cachedKeys(silent(keys));
    const here = sealing(inner, held);
    await here.append([{ stream: 'customer-ida', expected: 'none', events: [event('1', { contact: ida })] }]);
    await keys.destroy('ida', 'contact');
    await store.append([{ stream: 'customer-ida', expected: 0, events: [event('2', { contact: ida })] }]);
    expect((await readAll(here, 'customer-ida')).map(({ personal }) => personal?.contact)).toEqual([ida, erased]);
    expect((await readAll(here, 'customer-ida')).map(({ personal }) => personal?.contact)).toEqual([erased, erased]);
  });

  it('asks the key ring once for the events of one customer, however many there are', async () => {
    const asked: string[] = [];
    const counting: KeyRing = { ...silent(keys), obtain: (id, group) => (asked.push(`obtain ${id} ${group}`), keys.obtain(id, group)), find: (id, group) => (asked.push(`find ${id} ${group}`), keys.find(id, group)) };
    const events = Array.from({ length: 50 }, (_, n) => event(`e${n}`, { contact: ida, evidence: ida }));
    await sealing(inner, counting).append([{ stream: 'customer-ida', expected: 'none', events }]);
    await firstOf(sealing(inner, counting));
    expect(asked).toEqual(['obtain ida contact', 'obtain ida evidence', 'find ida contact', 'find ida evidence']);
  });

  it('holds for any history and any destruction: what is opened is what was written, but for exactly the destroyed groups', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.boolean(), async (steps, cached) => {
        const ring = cached ? cachedKeys(new MemoryKeyRing()) : new MemoryKeyRing();
        const sealed = sealing(new MemoryEventStore(), ring);
        for (const [n, each] of steps.entries()) await take(each, `h${n}`, sealed, ring);
        const gone = new Set(steps.flatMap(({ customer, group, text }) => (text === undefined ? [`${customer} ${group}`] : [])));
        for (const customer of customers) {
          const written = steps.filter((each) => each.customer === customer && each.text !== undefined);
          const expected = written.map(({ group, text }) => ({ [group]: gone.has(`${customer} ${group}`) ? erased : { text } }));
          expect((await readAll(sealed, `customer-${customer}`)).map(({ personal }) => personal)).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('holds where destructions, appends and reads meet: nobody reads what is neither written nor erased, and in the end the same is gone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 15 }), async (scheduler, steps) => {
        const slow = inTurns(new MemoryKeyRing(), scheduler);
        const ring = cachedKeys(slow);
        const sealed = sealing(new MemoryEventStore(), ring);
        const all = Promise.all(steps.map((each, n) => take(each, `h${n}`, sealed, ring)));
        await scheduler.waitFor(all);
        const gone = new Set(steps.flatMap(({ customer, group, text }) => (text === undefined ? [`${customer} ${group}`] : [])));
        for (const customer of customers)
          for (const { personal, data } of await scheduler.waitFor(readAll(sealed, `customer-${customer}`)))
            for (const [group, value] of Object.entries(personal ?? {})) expect(value).toEqual(gone.has(`${customer} ${group}`) ? erased : { text: (data as { text: string }).text });
      }),
      { numRuns: 60 },
    );
  });
});

const ida = { email: 'ida.holm@example.org', name: { given: 'Ida', family: 'Holm' } };

const customers = ['ida', 'bo', 'eva'];

interface Step {
  readonly customer: string;
  readonly group: DataGroup;
  /** Written; `undefined`: the key is destroyed. */
  readonly text: string | undefined;
}

const step: fc.Arbitrary<Step> = fc.record({ customer: fc.constantFrom(...customers), group: fc.constantFrom(...dataGroups), text: fc.option(fc.string(), { nil: undefined, freq: 4 }) });

const take = async ({ customer, group, text }: Step, name: string, store: EventStore, keys: KeyRing): Promise<void> => {
  if (text === undefined) return keys.destroy(customer, group);
  await store.append([{ stream: `customer-${customer}`, expected: 'any', events: [{ ...event(name, { [group]: { text } }), data: { text } }] }]);
};

/** Each answer of the key ring comes when the scheduler says. */
const inTurns = (keys: KeyRing, scheduler: fc.Scheduler): KeyRing => ({
  ...silent(keys),
  obtain: scheduler.scheduleFunction((id: string, group: DataGroup) => keys.obtain(id, group)),
  find: scheduler.scheduleFunction((id: string, group: DataGroup) => keys.find(id, group)),
  destroy: scheduler.scheduleFunction((id: string, group: DataGroup) => keys.destroy(id, group)),
});

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

/** Of each event, all that there is in it. */
const lookedAt = async (events: Promise<unknown>): Promise<string> => JSON.stringify(await events);

const flip = (sealed: string): string => {
  const bytes = Buffer.from(sealed, 'base64');
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  return bytes.toString('base64');
};

type Stored = Readonly<Record<string, unknown>>;

const mapped = (groups: Stored, damage: (sealed: string) => unknown): Stored =>
  Object.fromEntries(Object.entries(groups).map(([group, value]) => [group, damage((value as { sealed: string }).sealed)]));

/** Shows the personal data of the store inside with some damage. */
const damaging = (inner: EventStore, damage: (groups: Stored, event: StoredEvent) => Stored): EventStore => {
  const damaged = (event: StoredEvent): StoredEvent => ({ ...event, personal: damage(event.personal ?? {}, event) });
  return {
    append: (appends) => inner.append(appends),
    close: () => inner.close(),
    async *read(stream, options) {
      for await (const event of inner.read(stream, options)) yield damaged(event);
    },
    async *subscribe(options) {
      for await (const batch of inner.subscribe(options)) yield { ...batch, events: batch.events.map(damaged) };
    },
  };
};

/** A key ring that does not say when it has changed, as one behind a network. */
const silent = (keys: KeyRing): KeyRing => ({
  obtain: (id, group) => keys.obtain(id, group),
  find: (id, group) => keys.find(id, group),
  destroy: (id, group) => keys.destroy(id, group),
  isDestroyed: (id, group) => keys.isDestroyed(id, group),
  tombstones: () => keys.tombstones(),
  compared: () => keys.compared(),
  noteCompared: (upTo) => keys.noteCompared(upTo),
  close: () => keys.close(),
});
