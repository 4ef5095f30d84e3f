import { cachedKeys, MemoryEventStore, MemoryKeyRing, MemoryTopics, MemoryViews, sealingViews, SharedTail, type Views } from '@kendt/eventsourcing';
import { consumingContract } from './consuming.contract.js';
import { contentionContract } from './contention.contract.js';
import { eventStoreContract } from './event-store.contract.js';
import { keyRingContract } from './key-ring.contract.js';
import type { Opened } from './opened.js';
import { topicsContract } from './topics.contract.js';
import { viewsContract } from './views.contract.js';

const fresh = <Port extends { close(): Promise<void> }>(port: Port): Opened<Port> => ({ port, close: () => port.close() });

eventStoreContract('MemoryEventStore', async () => fresh(new MemoryEventStore()));
eventStoreContract('MemoryEventStore behind a shared tail', async () => fresh(new SharedTail(new MemoryEventStore())));
contentionContract('MemoryEventStore', async () => fresh(new MemoryEventStore()));
viewsContract('MemoryViews', async () => fresh(new MemoryViews()));
viewsContract('MemoryViews whose documents lie sealed', async () => {
  const views = sealingViews(new MemoryViews(), new MemoryKeyRing());
  return fresh({ ...views, open: (definition) => views.open({ ...definition, personal: { group: 'contact', customerOf: (id) => id } }) } satisfies Views);
});
topicsContract('MemoryTopics', async () => fresh(new MemoryTopics()));
consumingContract('MemoryTopics', async () => {
  const topics = new MemoryTopics();
  return fresh({ topics, views: new MemoryViews(), close: () => topics.close() });
});
keyRingContract('MemoryKeyRing', async () => fresh(new MemoryKeyRing()));
keyRingContract('MemoryKeyRing behind a cache', async () => fresh(cachedKeys(new MemoryKeyRing())));
