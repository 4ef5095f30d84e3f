import { type EventStore, keyOf, START, type StoredEvent } from './event-store.port.js';
import { historyOf } from './history.js';
import type { KeyRing } from './key-ring.port.js';
import type { DataGroup } from '@kendt/kernel';

/**
 * Where the key ring was lost and begins anew, or is another installation's, everybody would be lost, and new customers
 * would be sealed with keys that the right ring does not have. So the first sealed event is looked at before anything starts:
 * its keys are there, or were destroyed there.
 * @throws Error with one sentence for the operator.
 */
export const keysMustFit = async (store: Pick<EventStore, 'subscribe'>, keys: Pick<KeyRing, 'find' | 'isDestroyed'>): Promise<void> => {
  const event = await firstSealed(store);
  if (!event) return;
  const customerId = keyOf(event.stream);
  for (const group of sealedGroups(event))
    if (!(await keys.find(customerId, group)) && !(await keys.isDestroyed(customerId, group)))
      throw new Error('The key ring never had the keys of what stands in the event store: it is new, or belongs to another one. Bring the right one back from your backup; with this one no customer can be read.');
};

const firstSealed = async (store: Pick<EventStore, 'subscribe'>): Promise<StoredEvent | undefined> => {
  for await (const events of historyOf(store, { after: START, categories: [] })) {
    const sealed = events.find((event) => sealedGroups(event).length > 0);
    if (sealed) return sealed;
  }
  return undefined;
};

/** Without those that are empty because they came after a destruction. */
const sealedGroups = ({ personal = {} }: StoredEvent): DataGroup[] =>
  Object.entries(personal).flatMap(([group, value]) => ((value as { sealed?: string }).sealed === '' ? [] : [group as DataGroup]));
