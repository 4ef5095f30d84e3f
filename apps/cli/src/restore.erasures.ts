import { eraseAgain, type ErasedAgain } from '@kendt/erasure-service';
import { type EventStore, START, type StoredEvent, type Tombstone } from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';
import { SqliteEventStore } from '@kendt/sqlite';

/** What the log itself knows of destroyed keys. */
export const tombstonesInLog = async (events: string): Promise<Tombstone[]> => {
  const store = await SqliteEventStore.open(events);
  const found: Tombstone[] = [];
  const stop = new AbortController();
  try {
    for await (const batch of store.subscribe({ after: START, categories: ['erasure'], signal: stop.signal })) {
      found.push(...batch.events.flatMap(tombstonesOfEvent));
      if (batch.caughtUp) break;
    }
    return found;
  } finally {
    stop.abort();
    await store.close();
  }
};

interface KeysDestroyed {
  readonly customerId: string;
  readonly groups: readonly DataGroup[];
  readonly destroyedAt: string;
}

/** None of any event but `KeysDestroyed`. */
export const tombstonesOfEvent = ({ type, data }: Pick<StoredEvent, 'type' | 'data'>): Tombstone[] => {
  if (type !== 'KeysDestroyed') return [];
  const { customerId, groups, destroyedAt } = data as KeysDestroyed;
  return groups.map((group) => ({ customerId, group, destroyedAt }));
};

/** Each once, the earliest. */
export const merged = (tombstones: readonly Tombstone[]): Tombstone[] => {
  const found = new Map<string, Tombstone>();
  for (const tombstone of tombstones) {
    const id = `${tombstone.customerId} ${tombstone.group}`;
    const before = found.get(id);
    if (!before || tombstone.destroyedAt < before.destroyedAt) found.set(id, tombstone);
  }
  return [...found.values()];
};

const together = 50;

/** Gives the customers whom the restored log takes for living though their keys are destroyed. */
export const eraseThemAgain = async (events: string, tombstones: readonly Tombstone[], at: string): Promise<ReadonlySet<string>> => {
  const store = await SqliteEventStore.open(events);
  try {
    const customers = [...new Set(tombstones.map(({ customerId }) => customerId))];
    const again = new Set<string>();
    for (let n = 0; n < customers.length; n += together)
      for (const { customerId, outcome } of await Promise.all(customers.slice(n, n + together).map((customerId) => eraseOne(store, customerId, at)))) if (outcome !== 'nobody') again.add(customerId);
    return again;
  } finally {
    await store.close();
  }
};

const eraseOne = async (store: EventStore, customerId: string, at: string): Promise<{ customerId: string; outcome: ErasedAgain }> => ({ customerId, outcome: await eraseAgain(store, customerId, at) });
