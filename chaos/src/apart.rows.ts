import { DatabaseSync } from 'node:sqlite';
import type { Ground } from './apart.ground.js';

export interface Row {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

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

/** Who registered last in this way: callers are not told. */
export const customerOf = async (ground: Ground, kind: string): Promise<string> => {
  const found = rowsAfter(ground, 0).findLast(({ type, data }) => type === 'CustomerRegistered' && data['kind'] === kind);
  if (!found) throw new Error(`Nobody has registered as ${kind}`);
  return found.stream.slice('customer-'.length);
};
