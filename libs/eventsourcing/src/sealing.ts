import type { KeyObject } from 'node:crypto';
import { type AnyEvent, type DataGroup, dataGroups, erased } from '@kendt/kernel';
import { type EventStore, keyOf, type NewEvent, type StoredEvent, type StreamAppend } from './event-store.port.js';
import type { HeldKey } from './key-cache.js';
import { type CachedKeyRing, cachedKeys } from './key-ring.cached.js';
import type { KeyRing } from './key-ring.port.js';
import { placeOf } from './key-wrapper.js';
import { decrypt, encrypt, IntegrityError, type Sealed, sealedText } from './sealed.js';

type Groups = NonNullable<AnyEvent['personal']>;

/** Keys of one append or batch, by place: each is looked up once. */
type Keys = ReadonlyMap<string, HeldKey | undefined>;

interface Wanted {
  readonly customerId: string;
  readonly group: DataGroup;
}

/**
 * Seals the personal data of every event on its way in and opens it on its way out: AES-256-GCM (NIST SP 800-38D), a key
 * per customer and data group, bound to customer, stream, event id and group. The customer is the key part of the
 * stream's name, so only streams named after a customer may carry personal data.
 *
 * Opened when it is looked at: until then a tampered ciphertext goes unnoticed, and from then on it is an
 * {@link IntegrityError}. A key that is not there is noticed by reading.
 *
 * Give it `cachedKeys`; any other ring is asked every time.
 */
export const sealing = (store: EventStore, ring: KeyRing): EventStore => {
  const keys = cachedKeys(ring, { maxEntries: 0 });
  return {
    append: async (appends) => store.append(await sealEach(appends, keys)),
    async *read(stream, options) {
      let held = nothing;
      for await (const event of store.read(stream, options)) {
        if (event.personal && !suffices(held, event.personal, event.stream)) held = { keys: await keysFor([event], keys), until: performance.now() + momentMs };
        yield event.personal ? open(event, event.personal, held.keys) : event;
      }
    },
    async *subscribe(options) {
      for await (const batch of store.subscribe(options)) yield { ...batch, events: await openEach(batch.events, keys) };
    },
    close: () => store.close(),
  };
};

const sealEach = async (appends: readonly StreamAppend[], keys: CachedKeyRing): Promise<readonly StreamAppend[]> => {
  const wanted = new Map<string, Wanted>();
  for (const { stream, events } of appends) for (const { personal } of events) if (personal) want(wanted, keyOf(stream), Object.keys(personal));
  if (wanted.size === 0) return appends;
  const found = await lookUp(wanted, keys, ({ customerId, group }) => keys.obtainKey(customerId, group));
  return appends.map((append) => ({ ...append, events: append.events.map((event) => seal(event, append.stream, found)) }));
};

const seal = (event: NewEvent, stream: string, keys: Keys): NewEvent => {
  if (!event.personal) return event;
  const personal: Partial<Record<DataGroup, Sealed>> = {};
  for (const [group, value] of Object.entries(event.personal) as [DataGroup, unknown][]) {
    const key = keys.get(placeOf(keyOf(stream), group));
    // Once a key is destroyed nothing can be sealed under it again: what comes late is dropped, never kept in the clear.
    personal[group] = isKey(key) ? encrypt(JSON.stringify(value), key, bound(stream, event.id, group)) : { sealed: '' };
  }
  return { ...event, personal };
};

const openEach = async (events: readonly StoredEvent[], keys: CachedKeyRing): Promise<StoredEvent[]> => {
  const found = await keysFor(events, keys);
  return events.map((event) => (event.personal ? open(event, event.personal, found) : event));
};

const keysFor = async (events: readonly StoredEvent[], keys: CachedKeyRing): Promise<Keys> => {
  const wanted = new Map<string, Wanted>();
  for (const { stream, personal } of events) if (personal) want(wanted, keyOf(stream), Object.keys(personal));
  for (const event of events) if (event.personal) askAgain(event, event.personal, keys);
  return lookUp(wanted, keys, ({ customerId, group }) => keys.findKey(customerId, group));
};

/** Keys of one reader, for a moment only: asking for each event of a long history costs more than reading it. */
interface Held {
  readonly keys: Keys;
  readonly until: number;
}

const momentMs = 2;
const nothing: Held = { keys: new Map(), until: 0 };

const suffices = ({ keys, until }: Held, personal: Groups, stream: string): boolean =>
  performance.now() < until && Object.entries(personal).every(([group, value]) => keys.has(placeOf(keyOf(stream), group as DataGroup)) && !isEmpty(value));

const isEmpty = (value: unknown): boolean => (value as Partial<Sealed> | null)?.sealed === '';

/** Empty is what came after a destruction. Where another process has destroyed the key a moment ago, the one at hand is out of date. */
const askAgain = ({ stream }: StoredEvent, personal: Groups, keys: CachedKeyRing): void => {
  for (const [group, value] of Object.entries(personal)) if (isEmpty(value)) keys.drop(keyOf(stream), group as DataGroup);
};

/** With the keys of the moment of reading: what is destroyed later than that was read before. */
const open = (event: StoredEvent, sealedGroups: Groups, keys: Keys): StoredEvent => {
  const personal: Partial<Record<DataGroup, object | typeof erased>> = {};
  for (const [group, value] of Object.entries(sealedGroups) as [DataGroup, unknown][]) {
    const sealed = sealedText(value, event.stream, event.id);
    const key = keys.get(placeOf(keyOf(event.stream), group));
    if (key === undefined) throw new IntegrityError(`The key of ${keyOf(event.stream)} ${group} is not in this key ring, and was not destroyed in it: bring the right key ring back`);
    if (isKey(key)) onDemand(personal, group, () => JSON.parse(decrypt(sealed, key, bound(event.stream, event.id, group))) as object);
    else personal[group] = erased;
  }
  return { ...event, personal };
};

/** Most of those who read an event never look at what is sealed in it, and opening costs more than all the rest of reading. Opened once. */
const onDemand = <T extends object>(target: Partial<Record<DataGroup, T | typeof erased>>, group: DataGroup, open: () => T): void => {
  let opened: T | undefined;
  Object.defineProperty(target, group, { enumerable: true, configurable: true, get: () => (opened ??= open()) });
};

const isKey = (key: HeldKey | undefined): key is KeyObject => key !== undefined && key !== 'destroyed';

const known: ReadonlySet<string> = new Set(dataGroups);

const want = (wanted: Map<string, Wanted>, customerId: string, groups: readonly string[]): void => {
  for (const group of groups) {
    if (!known.has(group)) throw new IntegrityError(`Personal data of ${customerId} stands in a data group that there is not`);
    wanted.set(placeOf(customerId, group), { customerId, group: group as DataGroup });
  }
};

/** Without waiting where all of them are at hand. */
const lookUp = async (wanted: ReadonlyMap<string, Wanted>, keys: CachedKeyRing, load: (one: Wanted) => Promise<HeldKey | undefined>): Promise<Keys> => {
  if (wanted.size === 0) return nothing.keys;
  const found = new Map<string, HeldKey | undefined>();
  const missing: Promise<unknown>[] = [];
  const atHand = keys.atHand();
  for (const [place, one] of wanted) {
    const held = atHand(place);
    if (held) found.set(place, held);
    else missing.push(load(one).then((key) => found.set(place, key)));
  }
  if (missing.length > 0) await Promise.all(missing);
  return found;
};

const bound = (stream: string, eventId: string, group: DataGroup): string => `${keyOf(stream)}\u0000${stream}\u0000${eventId}\u0000${group}`;
