import { eraseAgain, type ErasedAgain } from '@kendt/erasure-service';
import type { EventStore, Tombstone } from '@kendt/eventsourcing';
import { erasuresIn, tombstonesOfEvent } from '@kendt/nest';
import { SqliteEventStore } from '@kendt/sqlite';

/** What the log itself knows of destroyed keys. */
export const tombstonesInLog = async (events: string): Promise<Tombstone[]> => {
  const store = await SqliteEventStore.open(events);
  const found: Tombstone[] = [];
  try {
    for await (const events of erasuresIn(store)) found.push(...events.flatMap(tombstonesOfEvent));
    return found;
  } finally {
    await store.close();
  }
};

/** Each once, the earliest. */
export const merged = (tombstones: readonly Tombstone[]): Tombstone[] => {
  const found = new Map<string, Tombstone>();
  for (const tombstone of tombstones) {
    const id = keyNameOf(tombstone);
    const before = found.get(id);
    if (!before || tombstone.destroyedAt < before.destroyedAt) found.set(id, tombstone);
  }
  return [...found.values()];
};

/** Which key it is about. */
export const keyNameOf = ({ customerId, group }: Pick<Tombstone, 'customerId' | 'group'>): string => `${customerId} ${group}`;

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
