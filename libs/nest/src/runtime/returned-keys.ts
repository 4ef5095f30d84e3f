import type { ErasureEvent } from '@kendt/domain';
import { type Compared, type EventStore, historyOf, type KeyRing, readAll, START, type StoredEvent, type Tombstone } from '@kendt/eventsourcing';

/** The key ring came back from an older backup. */
export class KeysReturned extends Error {
  override readonly name = 'KeysReturned';

  constructor() {
    super('The key ring does not know of keys being destroyed though the event log does: it was brought back from an older backup, and customers who were erased could be read again. Call "kendt keys bury", which destroys these keys once more, and then start.');
  }
}

/** What an event tells of destroyed keys: none but `KeysDestroyed` does. */
export const tombstonesOfEvent = (event: Pick<StoredEvent, 'type' | 'data'>): Tombstone[] => {
  const { type, data } = event as ErasureEvent;
  return type === 'KeysDestroyed' ? data.groups.map((group) => ({ customerId: data.customerId, group, destroyedAt: data.destroyedAt })) : [];
};

/** Of every category that tells of destroyed keys. */
export const erasuresIn = (store: Pick<EventStore, 'subscribe'>, after = START): AsyncIterable<readonly StoredEvent[]> => historyOf(store, { after, categories: ['erasure'] });

/**
 * Keys are destroyed before the log says so; so a key ring without a tombstone for something that stands in the log is older than
 * the log. What was compared at earlier starts is not read again. That note lags a day behind: a dump of a database is no picture of
 * one moment, and one that was begun before a destruction must not end with a note that covers it.
 * @throws KeysReturned
 */
export const keysMustStayDestroyed = async (store: Pick<EventStore, 'subscribe' | 'read'>, keys: Pick<KeyRing, 'isDestroyed' | 'compared' | 'noteCompared'>, now: Date): Promise<void> => {
  const settledBefore = new Date(now.getTime() - aDayMs).toISOString();
  for await (const events of erasuresIn(store, await lastCompared(store, keys))) {
    const known = await Promise.all(events.flatMap(tombstonesOfEvent).map(({ customerId, group }) => keys.isDestroyed(customerId, group)));
    if (known.includes(false)) throw new KeysReturned();
    const settled = events.findLast(({ metadata }) => metadata.recordedAt < settledBefore);
    if (settled) await keys.noteCompared(settled);
  }
};

const aDayMs = 24 * 3600 * 1000;

/** The start where the note is of another log, such as one that was restored to an earlier moment and went on differently. */
const lastCompared = async (store: Pick<EventStore, 'read'>, keys: Pick<KeyRing, 'compared'>): Promise<string> => {
  const noted = await keys.compared();
  return noted && (await standsIn(store, noted)) ? noted.position : START;
};

const standsIn = async (store: Pick<EventStore, 'read'>, { stream, id, position }: Compared): Promise<boolean> =>
  (await readAll(store, stream)).some((event) => event.id === id && event.position === position);
