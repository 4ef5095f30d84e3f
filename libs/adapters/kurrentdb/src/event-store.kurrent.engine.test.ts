import type { EventStore } from '@kendt/eventsourcing';
import { contentionContract, eventStoreContract, type Opened } from '@kendt/testing';
import { KurrentEventStore } from './event-store.kurrent.js';
import { Namespace } from './namespace.examples.js';

const url = process.env['KURRENTDB_URL'] ?? '';
const password = process.env['KURRENTDB_PASSWORD'];

/** A server keeps what it is told, so each test has a namespace of its own on it. */
const onServer = async (): Promise<Opened<EventStore>> => {
  const open = (): Promise<KurrentEventStore> => KurrentEventStore.open({ url, ...(password && { password }) });
  const stores = [await open()];
  const namespace = new Namespace((await stores[0]!.append([])).position);
  const another = async (): Promise<EventStore> => {
    stores.push(await open());
    return namespace.of(stores.at(-1)!);
  };
  const reopen = async (): Promise<EventStore> => {
    await stores[0]!.close();
    return another();
  };
  return { port: namespace.of(stores[0]!), another, reopen, close: async () => void (await Promise.all(stores.map((store) => store.close()))) };
};

// Run by `npm run test:engines`, which names the server.
eventStoreContract('KurrentEventStore on a server', onServer, { durable: true });
contentionContract('KurrentEventStore on a server', onServer, { durable: true });
