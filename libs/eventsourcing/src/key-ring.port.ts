import type { DataGroup } from '@kendt/kernel';
import type { StoredEvent } from './event-store.port.js';

/** 32 bytes, for AES-256-GCM. */
export type DataKey = Uint8Array;

/** What is left of a key that was destroyed. */
export interface Tombstone {
  readonly customerId: string;
  readonly group: DataGroup;
  /** ISO 8601 UTC. */
  readonly destroyedAt: string;
}

/** The event up to which a key ring has a tombstone for every destruction that the log tells of. The id shows whether it still is that log. */
export type Compared = Pick<StoredEvent, 'stream' | 'id' | 'position'>;

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
  /** Tells a key that was destroyed, which is for ever, from one that was never made here: what that sealed is lost, not erased. */
  isDestroyed(customerId: string, group: DataGroup): Promise<boolean>;
  /** Of every key that was destroyed, in no order. */
  tombstones(): AsyncIterable<Tombstone>;
  /** What was noted last; `undefined`: nothing yet. Kept in the ring, so that a backup of it brings back what was true of it. */
  compared(): Promise<Compared | undefined>;
  noteCompared(upTo: Compared): Promise<void>;
  /**
   * Another number whenever a key may have been destroyed since the last call, by whomever: whoever holds copies forgets
   * them then. Only where asking costs no journey; elsewhere copies are forgotten by event, and after a minute.
   */
  changed?(): number;
  close(): Promise<void>;
}

/**
 * Wraps data keys under one key-encryption key. `place` names the data key (customer and group) and is bound to it, so
 * that a wrapped key which is moved does not open.
 */
export interface KeyWrapper {
  /** Names the key-encryption key and tells nothing about it; stands beside every key that it has wrapped. */
  readonly id: string;
  wrap(key: DataKey, place: string): Promise<Uint8Array> | Uint8Array;
  /** @throws Error when it was wrapped under another key, for another place, or was altered. */
  unwrap(wrapped: Uint8Array, place: string): Promise<DataKey> | DataKey;
}
