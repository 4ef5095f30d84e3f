import { Shredder } from '@kendt/connector/embedded';
import { connect } from './connection.js';

interface Row {
  readonly offset: number;
  readonly key: string;
  readonly headers: string;
  readonly slot: number | null;
  readonly slot_key: Uint8Array | null;
  readonly sealed: Uint8Array | null;
}

const word = /[A-Za-z0-9_-]{8,}/g;

/** Offsets that were given out after the backup are never given a second time: somebody may have noted one. */
const offsetsAhead = 1_000_000_000;

/**
 * Removes every message that names one of these customers from a topic log that nobody uses, and makes new offsets begin
 * where none was ever given. Gives how many messages went.
 */
export const forgetInTopics = (topics: string, customers: ReadonlySet<string>): number => {
  const db = connect(topics);
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
    const shredder = new Shredder(db);
    const names = (text: string): boolean => (text.match(word) ?? []).some((each) => customers.has(each));
    const concerns = ({ key, headers, slot_key, sealed }: Row): boolean =>
      customers.has(key) || names(headers) || (slot_key !== null && sealed !== null && names(shredder.open(slot_key, sealed).toString()));
    const all = db.prepare('SELECT m.*, s.key AS slot_key FROM messages m LEFT JOIN slots s ON s.slot = m.slot');
    const remove = db.prepare('DELETE FROM messages WHERE offset = ?');
    const gone: Pick<Row, 'offset' | 'slot'>[] = [];
    if (customers.size > 0) for (const row of all.iterate() as IterableIterator<Row>) if (concerns(row)) gone.push({ offset: row.offset, slot: row.slot });
    db.transaction(() => {
      for (const { offset, slot } of gone) {
        remove.run(offset);
        if (slot !== null) shredder.shred(slot);
      }
      db.prepare("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'messages'").run(offsetsAhead);
    })();
    db.exec('VACUUM'); // neither in a gap between cells nor in a free page is anything left
    return gone.length;
  } finally {
    db.close();
  }
};
