import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './apart.ground.js';

export interface Row {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const standsWithinMs = 5_000;

/** What the file of the event store holds after a position, in order: with SQLite itself. */
export const rowsAfter = ({ eventsFile }: Pick<Ground, 'eventsFile'>, position: number): Row[] => {
  const db = new DatabaseSync(eventsFile, { readOnly: true });
  try {
    const rows = db.prepare('SELECT position, stream, type, id, data FROM events WHERE position > ? ORDER BY position').all(position) as unknown as (Omit<Row, 'data'> & { data: string })[];
    return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as Row['data'] }));
  } finally {
    db.close();
  }
};

export const lastPosition = ({ eventsFile }: Pick<Ground, 'eventsFile'>): number => {
  const db = new DatabaseSync(eventsFile, { readOnly: true });
  try {
    return Number(db.prepare('SELECT coalesce(max(position), 0) AS last FROM events').get()?.['last']);
  } finally {
    db.close();
  }
};

/** Who registered with an account after a position: callers are not told. Waits for it, because what is broken on purpose may have answered too early. */
export const accountAfter = async (ground: Ground, position: number): Promise<string> => {
  for (const until = Date.now() + standsWithinMs; Date.now() < until; await sleep(50)) {
    const found = rowsAfter(ground, position).find(({ type, data }) => type === 'CustomerRegistered' && data['kind'] === 'full');
    if (found) return found.stream.slice('customer-'.length);
  }
  throw new Error('Nobody has registered with an account');
};
