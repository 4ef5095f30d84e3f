import type { EventStore } from '@kendt/eventsourcing';
import { eventStoreContract, type Opened } from '@kendt/testing';
import { KurrentEventStore } from './event-store.kurrent.js';
import { StandIn } from './stand-in.examples.js';

const onStandIn = async (): Promise<Opened<EventStore>> => {
  const standIn = await new StandIn().start();
  const open = (): Promise<KurrentEventStore> => KurrentEventStore.open({ url: standIn.url });
  const stores = [await open()];
  const another = async (): Promise<EventStore> => (stores.push(await open()), stores.at(-1)!);
  return {
    port: stores[0]!,
    another,
    reopen: async () => (await stores[0]!.close(), another()),
    close: async () => {
      for (const store of stores) await store.close();
      standIn.stop();
    },
  };
};

// Not KurrentDB: our side of the connection only. The suite meets a server in event-store.kurrent.engine.test.ts.
eventStoreContract('KurrentEventStore on a stand-in', onStandIn, { durable: true });
