import { openSqliteFile } from '@kendt/connector/embedded';
import { categoryOf, type EventBatch, keyOf, type Position, type StoredEvent } from '@kendt/eventsourcing';
import type Database from 'better-sqlite3';
import { connect } from './connection.js';
import { type EventRow, toPosition, toStored } from './event-rows.js';
import { eventFile, eventSql, subscriptionSql } from './event-schema.js';
import { RecentEvents } from './recent-events.js';
import { inOurWords, StoreDamaged } from './store-problems.js';

export type Direction = 'forwards' | 'backwards';

const batchSize = 500;
/** Somebody who has more events than this is not looked up as a whole. */
const mostOfOne = 100;

/** Reads the log: synchronous, on a connection of its own, so that it neither waits for the writer nor holds it up. */
export class EventLog {
  readonly reader: Database.Database;
  private readonly subscriptions = new Map<number, Database.Statement>();
  private readonly statements: ReturnType<typeof prepare>;
  private readonly recent = new RecentEvents({
    last: () => this.lastNumber(),
    behind: (number) => this.subscription(0).all(number) as EventRow[],
    batch: batchSize,
  });

  constructor(private readonly file: string) {
    this.reader = openSqliteFile({ file, kind: eventFile, connect });
    this.statements = prepare(this.reader);
  }

  /** Of the last event of all. */
  last(): Position {
    return this.reading(() => toPosition(this.lastNumber()));
  }

  /** At most `limit` events from a revision on, inclusive. */
  read(stream: string, direction: Direction, from: number, limit: number): StoredEvent[] {
    return this.reading(() => {
      if (direction === 'backwards') return this.lookUp(stream, direction, from, limit).map(toStored);
      return this.recent.from(stream, from, limit) ?? (from === 0 ? this.lookUpWhole(stream, limit) : undefined) ?? this.lookUpFrom(stream, from, limit);
    });
  }

  /** What stands after a position, seen at one moment. */
  batch(after: Position, categories: readonly string[]): EventBatch {
    return this.reading(() => {
      this.statements.beginRead.run();
      try {
        return this.batchInside(after, categories);
      } finally {
        this.statements.endRead.run();
      }
    });
  }

  close(): void {
    this.reader.close();
  }

  /** With all other streams of the same key: what reads one of a customer's mostly reads others next. */
  private lookUpWhole(stream: string, limit: number): StoredEvent[] | undefined {
    const rows = this.statements.ofKey.all(keyOf(stream), mostOfOne + 1) as EventRow[];
    if (rows.length > mostOfOne) return undefined;
    this.recent.keepWhole(keyOf(stream), rows);
    return this.recent.from(stream, 0, limit);
  }

  private lookUpFrom(stream: string, from: number, limit: number): StoredEvent[] {
    const rows = this.lookUp(stream, 'forwards', from, limit);
    const events = rows.map(toStored);
    if (rows.length < limit) this.recent.keep(stream, from, rows, events);
    return events;
  }

  private lookUp(stream: string, direction: Direction, from: number, limit: number): EventRow[] {
    const rows = this.statements[direction].all(keyOf(stream), categoryOf(stream), from, limit) as EventRow[];
    this.mustBeWhole(rows, direction, from);
    return rows;
  }

  private batchInside(after: Position, categories: readonly string[]): EventBatch {
    const last = toPosition(this.lastNumber());
    const [statement, number] = [this.subscription(categories.length), Number(after)];
    const rows = (categories.length === 0 ? statement.all(number) : statement.all(...categories.flatMap((category) => [category, number]))) as EventRow[];
    const full = rows.length === batchSize;
    const position = full ? toPosition(rows.at(-1)!.position) : last > after ? last : after;
    return { events: rows.map(toStored), position, caughtUp: position >= last };
  }

  private lastNumber(): number {
    return (this.statements.last.get() as { position: number | null }).position ?? 0;
  }

  /** Damage in a large file shows only when it is read; it must never look like an answer. */
  private reading<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof SyntaxError ? new StoreDamaged(this.file, error) : inOurWords(error, this.file);
    }
  }

  /** Revisions have no gaps: a row that an index no longer finds would be history that silently never happened. */
  private mustBeWhole(rows: readonly EventRow[], direction: Direction, from: number): void {
    const step = direction === 'forwards' ? 1 : -1;
    const first = direction === 'forwards' ? from : rows[0]?.revision;
    if (rows.some(({ revision }, n) => revision !== first! + n * step)) throw new StoreDamaged(this.file);
  }

  private subscription(categories: number): Database.Statement {
    const statement = this.subscriptions.get(categories) ?? this.reader.prepare(subscriptionSql(categories, batchSize));
    this.subscriptions.set(categories, statement);
    return statement;
  }
}

const prepare = (reader: Database.Database) => ({
  forwards: reader.prepare(eventSql.forwards),
  backwards: reader.prepare(eventSql.backwards),
  ofKey: reader.prepare(eventSql.ofKey),
  last: reader.prepare(eventSql.last),
  beginRead: reader.prepare('BEGIN'),
  endRead: reader.prepare('COMMIT'),
});
