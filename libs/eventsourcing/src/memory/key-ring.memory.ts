import { randomBytes } from 'node:crypto';
import type { DataGroup } from '@kendt/kernel';
import type { DataKey, KeyRing } from '../key-ring.port.js';

/** The key ring for tests. */
export class MemoryKeyRing implements KeyRing {
  private readonly keys = new Map<string, DataKey | 'destroyed'>();

  async obtain(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    const slot = `${customerId}|${group}`;
    if (!this.keys.has(slot)) this.keys.set(slot, new Uint8Array(randomBytes(32)));
    return this.find(customerId, group);
  }

  async find(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    const key = this.keys.get(`${customerId}|${group}`);
    return key === 'destroyed' ? undefined : key?.slice();
  }

  async destroy(customerId: string, group: DataGroup): Promise<void> {
    const slot = `${customerId}|${group}`;
    const key = this.keys.get(slot);
    if (key instanceof Uint8Array) key.fill(0);
    this.keys.set(slot, 'destroyed');
  }

  async close(): Promise<void> {
    // Kept, so that a test can start a service again on the same twin.
  }
}
