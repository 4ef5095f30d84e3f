import { beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId } from './command-context.js';
import type { NewEvent } from './event-store.port.js';
import { keysMustFit } from './keys-must-fit.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryKeyRing } from './memory/key-ring.memory.js';
import { sealing } from './sealing.js';

describe('keysMustFit', () => {
  let store: MemoryEventStore;
  let keys: MemoryKeyRing;
  beforeEach(() => {
    [store, keys] = [new MemoryEventStore(), new MemoryKeyRing()];
  });
  const append = (stream: string, personal?: NewEvent['personal']) => sealing(store, keys).append([{ stream, expected: 'none', events: [event(stream, personal)] }]);
  const theirs = async () => keysMustFit(store, new MemoryKeyRing());

  it('is content with a new key ring where nothing is stored, or nothing personal', async () => {
    await theirs();
    for (let n = 0; n < 600; n++) await append(`brand-${n}`);
    await theirs();
  });

  it('is content with the ring that has the keys, also when they are destroyed', async () => {
    await append('customer-ida', { contact: { email: 'ida.holm@example.org' } });
    await keysMustFit(store, keys);
    await keys.destroy('ida', 'contact');
    await keysMustFit(store, keys);
  });

  it('refuses a new key ring, and that of another installation, where something personal is stored', async () => {
    await append('brand-fjord');
    await append('customer-ida', { contact: { email: 'ida.holm@example.org' } });
    await expect(theirs()).rejects.toThrow('The key ring never had the keys of what stands in the event store');
    const other = new MemoryKeyRing();
    await other.obtain('bo', 'contact');
    await expect(keysMustFit(store, other)).rejects.toThrow('Bring the right one back');
  });

  it('looks at the first event that was not emptied', async () => {
    await keys.destroy('ida', 'contact');
    await append('customer-ida', { contact: {} });
    await theirs();
    await append('customer-bo', { contact: {} });
    await expect(theirs()).rejects.toThrow('never had the keys');
  });
});

const event = (name: string, personal: NewEvent['personal']): NewEvent => ({
  id: deterministicId(name), type: 'Noted', data: {}, ...(personal && { personal }),
  metadata: { commandId: name, correlationId: name, causationId: name, actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
});
