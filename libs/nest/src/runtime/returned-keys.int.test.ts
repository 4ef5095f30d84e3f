import { beforeEach, describe, expect, it } from '@jest/globals';
import { erasureStream } from '@kendt/domain';
import { type EventStore, MemoryEventStore, MemoryKeyRing, type NewEvent, randomId } from '@kendt/eventsourcing';
import { memoryPorts, startTestService } from '../testing/index.js';
import { keysMustStayDestroyed, KeysReturned } from './returned-keys.js';

const now = new Date('2026-03-10T12:00:00.000Z');
const long = '2026-03-01T12:00:00.000Z';
const lately = '2026-03-10T09:00:00.000Z';

describe('keysMustStayDestroyed', () => {
  let store: MemoryEventStore;
  let ring: MemoryKeyRing;
  beforeEach(async () => {
    [store, ring] = [new MemoryEventStore(), new MemoryKeyRing()];
    for (const customer of ['ida', 'bo', 'jens']) await ring.obtain(customer, 'contact');
  });

  const check = (log: Pick<EventStore, 'subscribe' | 'read'> = store): Promise<void> => keysMustStayDestroyed(log, ring, now);
  /** As an old backup has it: its keys and its note, and nothing that came later. */
  const restoredWith = async (...tombstones: readonly string[]): Promise<void> => {
    const noted = await ring.compared();
    ring = new MemoryKeyRing();
    for (const customer of ['ida', 'bo', 'jens']) await ring.obtain(customer, 'contact');
    for (const customer of tombstones) await ring.destroy(customer, 'contact');
    if (noted) await ring.noteCompared(noted);
  };
  const erase = async (customerId: string, recordedAt = long): Promise<void> => {
    await ring.destroy(customerId, 'contact');
    await record(store, customerId, recordedAt);
  };

  it('is content where nobody was erased, and where the ring knows of everybody who was', async () => {
    await check();
    await erase('ida');
    await check();
  });

  it('is content with a key that was destroyed though the log does not say so yet', async () => {
    await ring.destroy('ida', 'contact');
    await check();
  });

  it('refuses a ring that was brought back from before a destruction, and says which command mends it', async () => {
    await erase('ida');
    await restoredWith();
    await expect(check()).rejects.toThrow(KeysReturned);
    await expect(check()).rejects.toThrow('Call "kendt keys bury"');
    await ring.destroy('ida', 'contact');
    await check();
  });

  it('does not read again what it has compared', async () => {
    await erase('ida');
    await erase('bo');
    await check();
    await erase('jens');
    const { log, read } = counting(store);
    await check(log);
    expect(read()).toBe(1);
    await check(log);
    expect(read()).toBe(0);
  });

  it('finds what came after the note that an old backup has brought back with it', async () => {
    await erase('ida');
    await check();
    await erase('bo');
    await restoredWith('ida');
    await expect(check()).rejects.toThrow(KeysReturned);
  });

  it('compares the last day at each start: a dump that took hours may hold a key and a later note', async () => {
    await erase('ida');
    await erase('bo', lately);
    await check();
    await restoredWith('ida');
    await expect(check()).rejects.toThrow(KeysReturned);
  });

  it('reads a log from its start that is not the one that the note was made of, though it has come as far', async () => {
    await erase('bo');
    await erase('ida');
    await check();
    const another = new MemoryEventStore();
    await record(another, 'jens', long);
    await record(another, 'ida', long);
    await expect(check(another)).rejects.toThrow(KeysReturned);
  });
});

describe('a start', () => {
  it('is refused with a key ring in which an erased customer has a key again', async () => {
    const ports = memoryPorts();
    await ports.keys.obtain('ida', 'contact');
    await record(ports.events, 'ida', long);
    await expect(startTestService({ modules: [], ports })).rejects.toThrow('Call "kendt keys bury"');
    await ports.keys.destroy('ida', 'contact');
    await (await startTestService({ modules: [], ports })).close();
  });
});

const record = async (store: Pick<EventStore, 'append'>, customerId: string, recordedAt: string): Promise<void> => {
  const event: NewEvent = {
    id: randomId(), type: 'KeysDestroyed', data: { customerId, groups: ['contact'], destroyedAt: recordedAt },
    metadata: { commandId: 'c', correlationId: 'c', causationId: 'c', actorKind: 'system', actorId: 'erasure', recordedAt, schemaVersion: '1' },
  };
  await store.append([{ stream: erasureStream(randomId()), expected: 'none', events: [event] }]);
};

/** Events that subscriptions gave since the last time somebody asked. */
const counting = (store: MemoryEventStore): { readonly log: Pick<EventStore, 'subscribe' | 'read'>; read(): number } => {
  let count = 0;
  async function* subscribe(options: Parameters<EventStore['subscribe']>[0]): ReturnType<EventStore['subscribe']> {
    for await (const batch of store.subscribe(options)) {
      count += batch.events.length;
      yield batch;
    }
  }
  return { log: { subscribe, read: (...args) => store.read(...args) }, read: () => [count, (count = 0)][0]! };
};
