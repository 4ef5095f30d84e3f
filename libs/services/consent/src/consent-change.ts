import { ConsentChanged } from '@kendt/contracts';
import { type ConsentEvent, consentKey } from '@kendt/domain';
import { type EventStore, keyOf, readAll, type StoredEvent } from '@kendt/eventsourcing';
import { type Standing, standingsOf } from './standing.js';

export interface ConsentChange {
  readonly state: Standing['state'];
  readonly data: ConsentChanged;
}

/** What an event of a consent stream tells outsiders. A withdrawal also says which words the consent had rested on. */
export const changeOf = async (store: Pick<EventStore, 'read'>, stored: StoredEvent): Promise<ConsentChange | undefined> => {
  const event = stored as unknown as ConsentEvent;
  const history = event.type === 'ConsentWithdrawn' ? await readAll(store, stored.stream, { limit: stored.revision + 1 }) : [stored];
  const standing = standingsOf(history).get(consentKey(event.data.brandId, event.data.purposeId));
  if (standing?.eventId !== stored.id) return undefined;
  return { state: standing.state, data: ConsentChanged.parse({ customerId: keyOf(stored.stream), ...standing }) };
};
