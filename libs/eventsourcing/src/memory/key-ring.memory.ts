import { randomBytes } from 'node:crypto';
import type { DataGroup } from '@kendt/kernel';
import type { Compared, DataKey, KeyRing, Tombstone } from '../key-ring.port.js';

interface Slot extends Tombstone {
  readonly key: DataKey | undefined;
}

/** The key ring for tests. */
export class MemoryKeyRing implements KeyRing {
  private readonly slots = new Map<string, Slot>();
  private destructions = 0;
  private upTo: Compared | undefined;

  async obtain(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    const slot = `${customerId}|${group}`;
    if (!this.slots.has(slot)) this.slots.set(slot, { customerId, group, key: new Uint8Array(randomBytes(32)), destroyedAt: '' });
    return this.find(customerId, group);
  }

  async find(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    return this.slots.get(`${customerId}|${group}`)?.key?.slice();
  }

  async destroy(customerId: string, group: DataGroup): Promise<void> {
    if (await this.isDestroyed(customerId, group)) return;
    this.slots.get(`${customerId}|${group}`)?.key?.fill(0);
    this.slots.set(`${customerId}|${group}`, { customerId, group, key: undefined, destroyedAt: new Date().toISOString() });
    this.destructions++;
  }

  async isDestroyed(customerId: string, group: DataGroup): Promise<boolean> {
    const slot = this.slots.get(`${customerId}|${group}`);
    return slot !== undefined && slot.key === undefined;
  }

  async *tombstones(): AsyncIterable<Tombstone> {
    for (const { customerId, group, destroyedAt, key } of this.slots.values()) if (!key) yield { customerId, group, destroyedAt };
  }

  async compared(): Promise<Compared | undefined> {
    return this.upTo;
  }

  async noteCompared({ stream, id, position }: Compared): Promise<void> {
    this.upTo = { stream, id, position };
  }

  changed(): number {
    return this.destructions;
  }

  async close(): Promise<void> {
    // Kept, so that a test can start a service again on the same twin.
  }
}
