import { eraseAgain, type ErasedAgain } from '@kendt/erasure-service';
import { type EventStore, START } from '@kendt/eventsourcing';
import { SqliteEventStore, type Tombstone } from '@kendt/sqlite';

/** What the log itself knows of destroyed keys. */
export const tombstonesInLog = async (events: string): Promise<Tombstone[]> => {
  const store = await SqliteEventStore.open(events);
  const found: Tombstone[] = [];
  const stop = new AbortController();
  try {
    for await (const batch of store.subscribe({ after: START, categories: ['erasure'], signal: stop.signal })) {
      for (const { type, data } of batch.events) if (type === 'KeysDestroyed') found.push(...tombstonesOfEvent(data as KeysDestroyed));
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
  readonly groups: readonly string[];
  readonly destroyedAt: string;
}

const tombstonesOfEvent = ({ customerId, groups, destroyedAt }: KeysDestroyed): Tombstone[] => groups.map((group) => ({ customer: customerId, group, destroyedAt }));

/** Each once, the earliest. */
export const merged = (tombstones: readonly Tombstone[]): Tombstone[] => {
  const found = new Map<string, Tombstone>();
  for (const tombstone of tombstones) {
    const id = `${tombstone.customer} ${tombstone.group}`;
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
    const customers = [...new Set(tombstones.map(({ customer }) => customer))];
    const again = new Set<string>();
    for (let n = 0; n < customers.length; n += together)
      for (const { customer, outcome } of await Promise.all(customers.slice(n, n + together).map((customer) => eraseOne(store, customer, at)))) if (outcome !== 'nobody') again.add(customer);
    return again;
  } finally {
    await store.close();
  }
};

const eraseOne = async (store: EventStore, customer: string, at: string): Promise<{ customer: string; outcome: ErasedAgain }> => ({ customer, outcome: await eraseAgain(store, customer, at) });
