import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyRing } from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';

export const sabotages: Readonly<Record<string, string>> = {
  early: 'acknowledges a destruction before it is on disk',
  'no-tombstone': 'removes a key without a tombstone, so that it can be made again',
  'record-first': 'records the destruction before the keys are destroyed',
  'keep-log': 'leaves the write-ahead log as it is after a key was overwritten',
};

/** The ring, broken in one way. */
export const sabotaged = (ring: KeyRing, folder: string, sabotage: string | undefined): KeyRing => {
  if (sabotage === 'early') return withDestroy(ring, async (customer, group) => void sleep(150).then(() => ring.destroy(customer, group)));
  if (sabotage === 'no-tombstone') return withDestroy(ring, past(folder, 'UPDATE wrapped_keys SET wrapped = zeroblob(60) WHERE number = $number; DELETE FROM keys WHERE number = $number', 'PRAGMA wal_checkpoint(TRUNCATE)'));
  if (sabotage === 'keep-log') return withDestroy(ring, past(folder, "UPDATE wrapped_keys SET wrapped = zeroblob(60) WHERE number = $number; UPDATE keys SET number = NULL, destroyed_at = 'now' WHERE number = $number"));
  return ring;
};

type Destroy = (customer: string, group: DataGroup) => Promise<void>;

const withDestroy = (ring: KeyRing, destroy: Destroy): KeyRing => ({
  destroy,
  obtain: (...key) => ring.obtain(...key), find: (...key) => ring.find(...key), isDestroyed: (...key) => ring.isDestroyed(...key),
  tombstones: () => ring.tombstones(), compared: () => ring.compared(), noteCompared: (upTo) => ring.noteCompared(upTo), changed: () => ring.changed?.() ?? 0, close: () => ring.close(),
});

/** Straight into the file, past the adapter. */
const past = (folder: string, sql: string, after = ''): Destroy => {
  let db: DatabaseSync | undefined;
  return async (customer, group) => {
    db ??= openPast(folder);
    const row = db.prepare('SELECT number FROM keys WHERE customer = ? AND data_group = ?').get(customer, group) as { number: number | null } | undefined;
    if (row?.number) db.exec(`BEGIN IMMEDIATE; ${sql.replaceAll('$number', String(row.number))}; COMMIT; ${after}`);
  };
};

const openPast = (folder: string): DatabaseSync => {
  const db = new DatabaseSync(join(folder, 'keys.db'));
  db.exec('PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
  return db;
};
