import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { erasureStream } from '@kendt/domain';
import { type CachedKeyRing, type KeyRing, MemoryKeyRing, randomId } from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';
import { memoryPorts, startTestService, type TestService } from '../testing/index.js';
import { KEY_RING, type Ports } from '../tokens.js';

/** As behind a network: it does not say when it has changed. */
const distant = (ring: KeyRing): KeyRing => ({
  obtain: (...key) => ring.obtain(...key), find: (...key) => ring.find(...key), destroy: (...key) => ring.destroy(...key),
  isDestroyed: (...key) => ring.isDestroyed(...key), tombstones: () => ring.tombstones(), compared: () => ring.compared(), noteCompared: (upTo) => ring.noteCompared(upTo), close: async () => undefined,
});

describe('two processes', () => {
  let ports: Ports;
  const services: TestService[] = [];
  beforeEach(async () => {
    const ring = new MemoryKeyRing();
    const shared = memoryPorts();
    for (const port of [shared.events, shared.views, shared.topics]) port.close = async () => undefined; // it stays open for the other
    ports = shared;
    for (let n = 0; n < 2; n++) services.push(await startTestService({ modules: [], ports: { ...shared, keys: distant(ring) } }));
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service.close();
  });
  const keysOf = (n: number): CachedKeyRing => services[n]!.app.get(KEY_RING);

  const record = (customerId: string, groups: readonly DataGroup[]) =>
    ports.events.append([{
      stream: erasureStream(randomId()), expected: 'none',
      events: [{
        id: randomId(), type: 'KeysDestroyed', data: { customerId, groups, destroyedAt: '2026-03-01T12:00:00.000Z' },
        metadata: { commandId: 'c', correlationId: 'c', causationId: 'c', actorKind: 'system', actorId: 'erasure', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
      }],
    }]);

  it('both forget a key that one has destroyed: the other when the event says so, and tells its listeners', async () => {
    const [here, there] = [keysOf(0), keysOf(1)];
    for (const group of ['contact', 'purchases', 'evidence'] as const) for (const keys of [here, there]) await keys.obtain('ida', group);
    await here.destroy('ida', 'contact');
    await here.destroy('ida', 'purchases');
    expect(here.held('ida', 'contact')).toBeUndefined();
    expect(there.held('ida', 'contact')).toBeDefined();
    const told = new Promise((resolve) => there.onDestroyed((customerId, group) => group === 'purchases' && resolve(customerId)));
    await record('ida', ['contact', 'purchases']);
    expect(await told).toBe('ida');
    expect((['contact', 'purchases', 'evidence'] as const).map((group) => there.held('ida', group) !== undefined)).toEqual([false, false, true]);
    expect(await there.find('ida', 'contact')).toBeUndefined();
  });
});

describe('a start', () => {
  it('is refused with a key ring that never had the keys of what is stored', async () => {
    const ports = memoryPorts();
    await ports.events.append([{
      stream: 'customer-ida', expected: 'none',
      events: [{
        id: randomId(), type: 'CustomerRegistered', data: {}, personal: { contact: { sealed: 'AAAA' } },
        metadata: { commandId: 'c', correlationId: 'c', causationId: 'c', actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' },
      }],
    }]);
    await expect(startTestService({ modules: [], ports })).rejects.toThrow('Bring the right one back from your backup');
  });
});
