import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DataGroup, dataGroups, type Decider, erased, type Upcast, type Upcasters } from '@kendt/kernel';
import { deterministicId } from './command-context.js';
import { type EventStore, type NewEvent, readAll, START, type StoredEvent } from './event-store.port.js';
import { follow } from './follower.js';
import { decision } from './decision.js';
import { handle } from './handle.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryKeyRing } from './memory/key-ring.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { type ParkedEvent, parkedView } from './parked.js';
import { sealing } from './sealing.js';
import { inTodaysShape, upcasting } from './upcasting.js';
import { unopened } from './unopened.js';

describe('upcasting', () => {
  let inner: EventStore;
  let keys: MemoryKeyRing;
  let store: EventStore;
  beforeEach(() => {
    inner = new MemoryEventStore();
    keys = new MemoryKeyRing();
    store = upcasting(sealing(inner, keys), upcasters);
  });
  /** As a process of that time wrote it. */
  const written = (version: string, event: Partial<NewEvent>) =>
    sealing(inner, keys).append([{ stream: 'parcel-ida', expected: 'any', events: [newEvent(version, event)] }]);

  it('brings a first version through every step to today, for readers and for subscribers', async () => {
    await written('1', { data: { grams: 1500 }, personal: { contact: { to: 'Ida Holm' } } });
    const [read] = await readAll(store, 'parcel-ida');
    expect(read).toMatchObject({ data: { weight: { kilograms: 1.5 } }, personal: { contact: { given: 'Ida', family: 'Holm' } }, metadata: { schemaVersion: '3' } });
    expect(await firstOf(store)).toEqual(read);
  });

  it('begins in the middle with an event that was written then', async () => {
    await written('2', { data: { kilograms: 2 }, personal: { contact: { to: 'Bo Lund' } } });
    expect((await readAll(store, 'parcel-ida'))[0]).toMatchObject({ data: { weight: { kilograms: 2 } }, personal: { contact: { given: 'Bo', family: 'Lund' } } });
  });

  it('writes the version of today, which it gives back as it is', async () => {
    const now = newEvent('1', { data: { weight: { kilograms: 2 } } });
    await store.append([{ stream: 'parcel-ida', expected: 'none', events: [now] }]);
    expect((await readAll(inner, 'parcel-ida'))[0]).toMatchObject({ data: { weight: { kilograms: 2 } }, metadata: { schemaVersion: '3' } });
    expect((await readAll(store, 'parcel-ida'))[0]).toMatchObject({ data: { weight: { kilograms: 2 } } });
  });

  it('leaves what is erased erased, and changes the rest', async () => {
    await written('1', { data: { grams: 1500 }, personal: { contact: { to: 'Ida Holm' }, evidence: { signed: 'I. H.' } } });
    await keys.destroy('ida', 'contact');
    expect((await readAll(store, 'parcel-ida'))[0]).toMatchObject({ data: { weight: { kilograms: 1.5 } }, personal: { contact: erased, evidence: { signed: 'I. H.' } } });
  });

  it('works on a store that opens nothing', async () => {
    await written('1', { data: { grams: 1500 }, personal: { contact: { to: 'Ida Holm' } } });
    expect((await readAll(upcasting(unopened(inner), upcasters), 'parcel-ida'))[0]).toMatchObject({ data: { weight: { kilograms: 1.5 } }, personal: { contact: erased } });
  });

  it('passes on an unknown type as it is, whatever its version, and deciders skip it', async () => {
    await written('7', { type: 'ParcelTaught', data: { to: 'fly' } });
    await written('1', { type: 'constructor', data: {} });
    expect((await readAll(store, 'parcel-ida')).map(({ type, data, metadata }) => [type, data, metadata.schemaVersion])).toEqual([['ParcelTaught', { to: 'fly' }, '7'], ['constructor', {}, '1']]);
    expect(await weigh(store, 2)).toHaveLength(1);
  });

  it.each(['4', '0', '-1', '1.5', 'x', ''])('refuses a command rather than read version "%s" of a type that it knows otherwise', async (version) => {
    await written(version, { data: { grams: 1500 } });
    await expect(weigh(store, 2)).rejects.toMatchObject({ code: 'EVENT_TOO_NEW', kind: 'busy', cause: `ParcelWeighed, revision 0 of parcel-ida, has schema version ${version}` });
    expect(await readAll(inner, 'parcel-ida')).toHaveLength(1);
  });

  it('refuses it also where the decider looks at nothing but the type', async () => {
    await written('4', {});
    const counting: Decider<{ at: string }, StoredEvent, number> = { initialState: 0, decide: () => [], evolve: (count) => count + 1 };
    await expect(handle(store, [decision(counting, 'parcel-ida', { at: noon })], context, noon)).rejects.toMatchObject({ code: 'EVENT_TOO_NEW' });
  });

  it('has a follower park it, and what comes behind it, until a newer process takes over', async () => {
    await written('4', { data: { tons: 1 }, personal: { contact: { to: 'Ida Holm' } } });
    await written('1', { data: { grams: 1500 } });
    const views = new MemoryViews();
    const old = await followed(store, views, 2);
    expect(old).toEqual([]);
    const parked = await (await views.open<ParkedEvent>(parkedView)).list({ limit: 9 });
    expect(parked.documents.map(({ value }) => [value.type, value.reason])).toEqual([['ParcelWeighed', 'EVENT_TOO_NEW'], ['ParcelWeighed', 'WAITS_BEHIND']]);
    const newer = upcasting(sealing(inner, keys), { ParcelWeighed: [...steps, { data: ({ tons, weight }) => ({ weight: weight ?? { kilograms: 1000 * (tons as number) } }) }] });
    expect(await followed(newer, views, 0)).toEqual([{ tons: 1 }, { weight: { kilograms: 1.5 } }]);
  });

  it('gives the same each time, touches nothing, and changes nothing twice, whatever groups are erased', () => {
    const contact = fc.oneof(fc.constant(erased), fc.record({ to: fc.constantFrom('Ida Holm', 'Bo Lund') }));
    const others = fc.dictionary(fc.constantFrom(...dataGroups.filter((group) => group !== 'contact')), fc.oneof(fc.constant(erased), fc.record({ words: fc.string() })));
    const personal = fc.option(fc.record({ contact, others }).map(({ contact: to, others: rest }) => ({ ...rest, contact: to })), { nil: undefined });
    fc.assert(
      fc.property(fc.nat(), personal, (grams, groups) => {
        const before = frozen({ ...newEvent('1', { data: { grams }, ...(groups && { personal: groups }) }), stream: 'parcel-ida', revision: 0, position: '1' });
        const after = inTodaysShape(before, upcasters);
        expect(inTodaysShape(before, upcasters)).toEqual(after);
        expect(inTodaysShape(after, upcasters)).toBe(after);
        expect(after.data).toEqual({ weight: { kilograms: grams / 1000 } });
        expect(erasedGroups(after)).toEqual(erasedGroups(before));
        expect({ ...after.personal, contact: null }).toEqual({ ...before.personal, contact: null });
      }),
    );
  });
});

const noon = '2026-03-01T12:00:00.000Z';
const context = { commandId: deterministicId('weigh'), actor: { kind: 'system' as const, id: 'test' } };

/** Grams became kilograms, and these moved into an object; the addressee's name was split. */
const steps: readonly Upcast[] = [
  { data: ({ grams }) => ({ kilograms: (grams as number) / 1000 }) },
  {
    data: ({ kilograms }) => ({ weight: { kilograms } }),
    personal: {
      contact: ({ to }) => {
        const [given, family] = (to as string).split(' ');
        return { given, family };
      },
    },
  },
];
const upcasters: Upcasters = { ParcelWeighed: steps };

type Weighed = { readonly type: 'ParcelWeighed'; readonly data: { readonly weight: { readonly kilograms: number } } };
const parcel: Decider<{ at: string; kilograms: number }, Weighed, number> = {
  initialState: 0,
  decide: ({ kilograms }, before) => (before === kilograms ? [] : [{ type: 'ParcelWeighed', data: { weight: { kilograms } } }]),
  evolve: (before, event) => (event.type === 'ParcelWeighed' ? event.data.weight.kilograms : before),
};
const weigh = async (store: EventStore, kilograms: number) => (await handle(store, [decision(parcel, 'parcel-ida', { at: noon, kilograms })], context, noon)).events;

let count = 0;
const newEvent = (schemaVersion: string, event: Partial<NewEvent>): NewEvent => ({
  id: deterministicId('parcel', String(count++)),
  type: 'ParcelWeighed',
  data: {},
  metadata: { commandId: `c${count}`, correlationId: 'c', causationId: 'c', actorKind: 'system', actorId: 'test', recordedAt: noon, schemaVersion },
  ...event,
});

const firstOf = async (store: EventStore): Promise<StoredEvent | undefined> => {
  for await (const { events } of store.subscribe({ after: START, categories: [], signal: new AbortController().signal })) return events[0];
  return undefined;
};

/** The data that a follower of the whole log was handed, once it has parked so many. */
const followed = async (store: EventStore, views: MemoryViews, parked: number): Promise<object[]> => {
  const seen: object[] = [];
  const following = follow({ store, views }, { name: 'weights@1', categories: ['parcel'], handle: async ({ data }) => void seen.push(data) }, { retryDelays: [] });
  while (!following.caughtUp || following.parkedCount !== parked) await new Promise((resolve) => setTimeout(resolve, 2));
  await following.stop();
  return seen;
};

const erasedGroups = ({ personal = {} }: StoredEvent): DataGroup[] => dataGroups.filter((group) => personal[group] === erased);

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};
