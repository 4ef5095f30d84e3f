import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CachedKeyRing, cachedKeys, deterministicId, type EventStore, keyOf, type NewEvent, readAll, sealing, START } from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';
import { SqliteEventStore, SqliteKeyRing } from '@kendt/sqlite';
import { checkErasure, erasedGroups } from './erasure.checker.js';
import { sabotaged, sabotages } from './erasure.sabotages.js';
import type { Life, Scenario } from './scenario.js';
import { wrappedOf } from './wrapped-keys.js';

export const erasureScenario: Scenario = {
  name: 'erasure',
  about: 'keys stay destroyed once that was acknowledged, in every byte; no customer is half erased; everybody else opens',
  sabotages,
  work: async (life) => {
    const pieces = await open(life.folder, life.sabotage);
    for (const customer of await recover(pieces)) life.say({ is: 'recovered', customer });
    // One of each first: also the shortest life, on a busy machine, has something to lose.
    await register(`c-${life.number}-first`, pieces, life);
    await erase(`c-${life.number}-first`, pieces, life);
    life.say({ is: 'ready' });
    await Promise.all([0, 1, 2, 3].map((worker) => workOn(worker, pieces, life)));
  },
  check: (facts, folder) =>
    checkErasure(facts, folder, async () => {
      const pieces = await open(folder, undefined);
      await recover(pieces);
      await pieces.store.close();
      await pieces.keys.close();
    }),
};

interface Pieces {
  readonly folder: string;
  readonly keys: CachedKeyRing;
  readonly store: EventStore;
  /** The same, sealed: whether somebody is there can be asked without a key. */
  readonly sealed: EventStore;
  /** Broken on purpose: the record stands before the keys are gone. */
  readonly recordFirst: boolean;
}

const open = async (folder: string, sabotage: string | undefined): Promise<Pieces> => {
  const secret = join(folder, 'key-encryption-key');
  if (!existsSync(secret)) writeFileSync(secret, randomBytes(32));
  const ring = await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: new Uint8Array(readFileSync(secret)) });
  const keys = cachedKeys(sabotaged(ring, folder, sabotage));
  const sealed = await SqliteEventStore.open(join(folder, 'events.db'));
  return { folder, keys, store: sealing(sealed, keys), sealed, recordFirst: sabotage === 'record-first' };
};

/** What the follower of the erasure service does at a start: an erasure that was begun and not recorded is done again. */
const recover = async (pieces: Pieces): Promise<readonly string[]> => {
  const begun = new Set<string>();
  const stop = new AbortController();
  for await (const { events, caughtUp } of pieces.store.subscribe({ after: START, categories: ['erasure'], signal: stop.signal })) {
    for (const { type, stream } of events) {
      if (type === 'KeysDestroyed') begun.delete(keyOf(stream));
      else begun.add(keyOf(stream));
    }
    if (caughtUp) stop.abort();
  }
  for (const customer of begun) await finish(customer, pieces);
  return [...begun];
};

const workOn = async (worker: number, pieces: Pieces, life: Life): Promise<void> => {
  const registered: string[] = [];
  for (let n = 0; ; n++) {
    const customer = `c-${life.number}-${worker}-${n}`;
    await register(customer, pieces, life);
    registered.push(customer);
    if (life.random() < 0.6) await erase(registered.splice(Math.floor(life.random() * registered.length), 1)[0]!, pieces, life);
    else if (life.random() < 0.2) await eraseOfBefore(worker, pieces, life);
  }
};

/** Somebody of an earlier life, if there is such a one, and nobody has asked yet. */
const eraseOfBefore = async (worker: number, pieces: Pieces, life: Life): Promise<void> => {
  const customer = `c-${1 + Math.floor(life.random() * Math.max(life.number - 1, 1))}-${worker}-${Math.floor(life.random() * 5)}`;
  if (customer.startsWith(`c-${life.number}-`)) return;
  const [there, asked] = [await readAll(pieces.sealed, `customer-${customer}`), await readAll(pieces.sealed, `erasure-${customer}`)];
  if (there.length > 0 && asked.length === 0) await erase(customer, pieces, life);
};

const register = async (customer: string, { store }: Pieces, life: Life): Promise<void> => {
  const personal = Object.fromEntries([...erasedGroups, 'evidence'].map((group) => [group, { text: `Søndergade ${customer} ${group}` }]));
  await store.append([{ stream: `customer-${customer}`, expected: 'none', events: [event(customer, 'CustomerRegistered', personal)] }]);
  life.say({ is: 'registered', customer });
};

const erase = async (customer: string, pieces: Pieces, life: Life): Promise<void> => {
  life.say({ is: 'erasing', customer, wrapped: wrappedOf(pieces.folder, customer) });
  await pieces.store.append([{ stream: `erasure-${customer}`, expected: 'none', events: [event(customer, 'ErasureRequested')] }]);
  await finish(customer, pieces, (group) => life.say({ is: 'destroyed', customer, group }));
  life.say({ is: 'erased', customer });
  // What comes late is dropped: a key that could be made again would keep it.
  const late = { contact: { text: `Søndergade ${customer} late` } };
  await pieces.store.append([{ stream: `customer-${customer}`, expected: 'any', events: [event(customer, 'ContactChanged', late)] }]);
};

/** In the order of the real workflow: the keys first, then it is recorded. */
const finish = async (customer: string, { keys, store, recordFirst }: Pieces, destroyed: (group: DataGroup) => void = () => undefined): Promise<void> => {
  const record = () => store.append([{ stream: `erasure-${customer}`, expected: 'any', events: [event(customer, 'KeysDestroyed')] }]);
  if (recordFirst) await record();
  for (const group of erasedGroups) {
    await keys.destroy(customer, group);
    destroyed(group);
  }
  await record();
};

const event = (customer: string, type: string, personal?: NonNullable<NewEvent['personal']>): NewEvent => ({
  id: deterministicId(customer, type), type, data: {}, ...(personal && { personal }),
  metadata: { commandId: customer, correlationId: customer, causationId: customer, actorKind: 'system', actorId: 'chaos', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});
