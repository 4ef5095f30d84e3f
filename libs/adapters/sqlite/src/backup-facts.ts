import Database from 'better-sqlite3';
import type { BackupKind } from './backup.sqlite.js';

/** What a manifest says of a copy: ids and numbers only. */
export interface BackupFacts {
  /** Of the last event in it, or that a follower had handled. */
  readonly position?: string;
  readonly counts: Readonly<Record<string, number>>;
}

const width = 16;
const asPosition = (position: number | string | null): string => (position === null ? '' : String(position).padStart(width, '0'));

/** Read from the copy, never from the file that is in use. */
export const factsOf = (kind: BackupKind, file: string): BackupFacts => {
  const db = new Database(file, { readonly: true });
  const one = <T>(sql: string): T => db.prepare(sql).pluck().get() as T;
  try {
    switch (kind) {
      case 'events':
        return { position: asPosition(one('SELECT max(position) FROM events')), counts: { events: one('SELECT count(*) FROM events') } };
      case 'views':
        // A checkpoint's revision is the position up to which its follower has handled everything.
        return { position: one<string | null>("SELECT max(revision) FROM documents WHERE view LIKE 'checkpoints@%'") ?? '', counts: { documents: one('SELECT count(*) FROM documents') } };
      case 'topics':
        return { counts: { messages: one('SELECT count(*) FROM messages') } };
      case 'keys':
        return { counts: { keys: one('SELECT count(*) FROM keys WHERE destroyed_at IS NULL'), tombstones: one('SELECT count(*) FROM keys WHERE destroyed_at IS NOT NULL') } };
    }
  } finally {
    db.close();
  }
};
