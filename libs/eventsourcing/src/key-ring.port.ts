import type { DataGroup } from '@kendt/kernel';

/** 32 bytes, for AES-256-GCM. */
export type DataKey = Uint8Array;

/**
 * One random key per (customer, data group), wrapped by a key-encryption key that lies elsewhere. Destroying it erases
 * what it sealed from every event, copy and backup (NIST SP 800-88: cryptographic erase).
 */
export interface KeyRing {
  /** Made on first use; two callers at once get the same one. `undefined`: destroyed, and never to be made again. */
  obtain(customerId: string, group: DataGroup): Promise<DataKey | undefined>;
  /** `undefined`: destroyed, or never made. */
  find(customerId: string, group: DataGroup): Promise<DataKey | undefined>;
  /** Overwrites the key and leaves a tombstone. Asking twice is fine, also for a key that was never made. */
  destroy(customerId: string, group: DataGroup): Promise<void>;
  close(): Promise<void>;
}
