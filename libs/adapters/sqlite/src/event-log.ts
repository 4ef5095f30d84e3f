import { openSqliteFile, type FileKind } from '@kendt/connector/embedded';
import {
  categoryOf, type EventBatch, type EventText, type Position, refuseReusedId, RevisionConflict, sameEvent, START, type StoredEvent, type StreamText,
} from '@kendt/eventsourcing';
import type Database from 'better-sqlite3';
import { connect } from './connection.js';

const kind: FileKind = {
  name: 'event store',
  applicationId: 0x4b_4e_44_01,
  version: 1,
  // The columns that are scanned stand before the large ones, so that a scan reads no overflow pages.
  schema: `
    CREATE TABLE events (
      position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, category TEXT NOT NULL, id TEXT NOT NULL,
      type TEXT NOT NULL, metadata TEXT NOT NULL, data TEXT NOT NULL, personal TEXT
    );
    CREATE UNIQUE INDEX events_stream ON events (stream, revision);
    CREATE UNIQUE INDEX events_id ON events (id);
    CREATE INDEX events_category ON events (category, position)`,
};

interface Row extends EventText {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
}

const batchSize = 500;

/**
 * The log itself, synchronous: tables, statements, rules. It does not know who waits for whom, and could as well live in
 * a worker thread.
 */
export class EventLog {
  readonly writer: Database.Database;
  readonly reader: Database.Database;
  private readonly subscriptions = new Map<string, Database.Statement>();
  private readonly statements: ReturnType<typeof prepare>;

  constructor(file: string) {
    this.writer = openSqliteFile({ file, kind, connect });
    this.reader = openSqliteFile({ file, kind, connect });
    this.statements = prepare(this.writer, this.reader);
  }

  /** Inside a transaction of the caller. */
  append(texts: readonly StreamText[]): Position {
    const before = this.sameAgain(texts);
    if (before !== undefined) return before;
    const positions = texts.flatMap(({ stream, expected, events }) => {
      const actual = this.revisionOf(stream);
      if (expected !== 'any' && actual !== (expected === 'none' ? -1 : expected)) throw new RevisionConflict(stream, expected, actual);
      return events.map((event, n) => this.insert(stream, actual + 1 + n, event));
    });
    return positions.at(-1) ?? START;
  }

  /** At most `limit` events from a revision on, inclusive. */
  read(stream: string, direction: 'forwards' | 'backwards', from: number, limit: number): StoredEvent[] {
    const statement = direction === 'forwards' ? this.statements.forwards : this.statements.backwards;
    return (statement.all(stream, from, limit) as Row[]).map(toStored);
  }

  /** What stands after a position, seen at one moment. */
  readonly batch = (after: Position, categories: readonly string[]): EventBatch => {
    this.statements.beginRead.run();
    try {
      const last = toPosition((this.statements.last.get() as { position: number | null }).position ?? 0);
      const rows = this.subscription(categories.length).all(...categories.flatMap((category) => [category, Number(after)]), ...(categories.length === 0 ? [Number(after)] : [])) as Row[];
      const full = rows.length === batchSize;
      const position = full ? toPosition(rows.at(-1)!.position) : last > after ? last : after;
      return { events: rows.map(toStored), position, caughtUp: position >= last };
    } finally {
      this.statements.endRead.run();
    }
  };

  close(): void {
    this.reader.close();
    this.writer.close();
  }

  private revisionOf(stream: string): number {
    return (this.statements.revision.get(stream) as { revision: number } | undefined)?.revision ?? -1;
  }

  private insert(stream: string, revision: number, { id, type, data, personal, metadata }: EventText): Position {
    return toPosition(Number(this.statements.insert.run(stream, revision, categoryOf(stream), id, type, metadata, data, personal).lastInsertRowid));
  }

  /** The position that was given when some of these ids came before. */
  private sameAgain(texts: readonly StreamText[]): Position | undefined {
    const known: Position[] = [];
    for (const { stream, events } of texts)
      for (const event of events) {
        const row = this.statements.byId.get(event.id) as Row | undefined;
        if (row) known.push(sameEvent(row, event, stream) ? toPosition(row.position) : refuseReusedId());
      }
    return known.sort().at(-1);
  }

  private subscription(categories: number): Database.Statement {
    const key = String(categories);
    const statement = this.subscriptions.get(key) ?? this.reader.prepare(subscriptionSql(categories));
    this.subscriptions.set(key, statement);
    return statement;
  }
}

/** Each category is read in order from its index and merged, however rare it is among the others. */
const subscriptionSql = (categories: number): string => {
  if (categories === 0) return `SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ${batchSize}`;
  const one = 'SELECT position FROM events WHERE category = ? AND position > ?';
  const merged = `${Array.from({ length: categories }, () => one).join(' UNION ALL ')} ORDER BY position LIMIT ${batchSize}`;
  return `SELECT events.* FROM (${merged}) AS found CROSS JOIN events ON events.position = found.position ORDER BY found.position`;
};

const prepare = (writer: Database.Database, reader: Database.Database) => ({
  insert: writer.prepare('INSERT INTO events (stream, revision, category, id, type, metadata, data, personal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
  byId: writer.prepare('SELECT * FROM events WHERE id = ?'),
  revision: writer.prepare('SELECT revision FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1'),
  forwards: reader.prepare('SELECT * FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?'),
  backwards: reader.prepare('SELECT * FROM events WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?'),
  last: reader.prepare('SELECT max(position) AS position FROM events'),
  beginRead: reader.prepare('BEGIN'),
  endRead: reader.prepare('COMMIT'),
});

const toPosition = (position: number): Position => (position === 0 ? START : String(position).padStart(16, '0'));

const toStored = ({ position, stream, revision, id, type, data, personal, metadata }: Row): StoredEvent => ({
  id,
  type,
  data: JSON.parse(data) as object,
  ...(personal !== null && { personal: JSON.parse(personal) as NonNullable<StoredEvent['personal']> }),
  metadata: JSON.parse(metadata) as StoredEvent['metadata'],
  stream,
  revision,
  position: toPosition(position),
});
