import { DatabaseSync } from 'node:sqlite';

export interface Stored {
  readonly id: string;
  readonly data: object;
}

/** What the file of a store holds, by the key part of the streams' names, in order: with SQLite itself. */
export const storedEvents = (file: string): Map<string, Stored[]> => {
  const db = new DatabaseSync(file, { readOnly: true });
  const byKey = new Map<string, Stored[]>();
  for (const row of db.prepare('SELECT stream, id, data FROM events ORDER BY position').iterate() as Iterable<Record<string, string>>) {
    const key = row['stream']!.slice(row['stream']!.indexOf('-') + 1);
    const stored = byKey.get(key) ?? [];
    stored.push({ id: row['id']!, data: JSON.parse(row['data']!) as object });
    byKey.set(key, stored);
  }
  db.close();
  return byKey;
};
