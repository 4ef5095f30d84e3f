import { type DataGroup, type Erased, erased } from '@kendt/kernel';
import type { EventStore, StoredEvent } from './event-store.port.js';

/**
 * A store of sealed events for those who need no personal data: every group reads `erased`, no key is asked for, nothing is
 * decrypted. For reading; a decision that is appended goes through {@link sealing}.
 */
export const unopened = (store: EventStore): EventStore => ({
  append: () => Promise.reject(new Error('Nothing is written past the seal')),
  async *read(stream, options) {
    for await (const event of store.read(stream, options)) yield closed(event);
  },
  async *subscribe(options) {
    for await (const batch of store.subscribe(options)) yield { ...batch, events: batch.events.map(closed) };
  },
  close: () => store.close(),
});

const closed = (event: StoredEvent): StoredEvent =>
  event.personal ? { ...event, personal: Object.fromEntries(Object.keys(event.personal).map((group): [DataGroup, Erased] => [group as DataGroup, erased])) } : event;
