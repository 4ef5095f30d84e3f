import { type FileKind, openSqliteFile, Shredder } from '@kendt/connector/embedded';
import { type Document, type PageEnd, ViewConflict } from '@kendt/eventsourcing';
import type Database from 'better-sqlite3';
import { connect } from './connection.js';

const kind: FileKind = {
  name: 'store of views',
  applicationId: 0x4b_4e_44_02,
  version: 1,
  schema: `
    CREATE TABLE documents (
      number INTEGER PRIMARY KEY, view TEXT NOT NULL, id TEXT NOT NULL, revision TEXT NOT NULL, expires INTEGER,
      slot INTEGER NOT NULL REFERENCES slots, sealed BLOB NOT NULL
    );
    CREATE UNIQUE INDEX documents_id ON documents (view, id);
    CREATE INDEX documents_expires ON documents (expires) WHERE expires IS NOT NULL;
    CREATE TABLE index_values (view TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (view, name, value, id)) WITHOUT ROWID;
    CREATE INDEX index_values_id ON index_values (view, id, name, value);
    ${Shredder.schema}`,
};

interface Row {
  readonly id: string;
  readonly revision: string;
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
}

interface Standing {
  readonly revision: string;
  readonly expires: number | null;
  readonly slot: number;
}

export interface Found<T> extends Document<T> {
  readonly end: PageEnd;
}

export interface NewDocument {
  readonly view: string;
  readonly id: string;
  /** JSON. */
  readonly value: string;
  readonly revision: string;
  readonly replaces: string | null | undefined;
  readonly expires: number | null;
  readonly indexes: readonly (readonly [name: string, value: string])[];
}

/** Documents and their index values, synchronous. Writes run inside a transaction of the caller. */
export class DocumentStore {
  readonly db: Database.Database;
  private readonly shredder: Shredder;
  private readonly statements: ReturnType<typeof prepare>;

  constructor(file: string) {
    this.db = openSqliteFile({ file, kind, connect });
    this.shredder = new Shredder(this.db);
    this.statements = prepare(this.db);
  }

  get<T>(view: string, id: string, now: number): Document<T> | undefined {
    const row = this.statements.get.get(view, id, now) as Row | undefined;
    return row && this.toDocument<T>(row);
  }

  /** Gives whether something was overwritten that may still stand in the write-ahead log. */
  put({ view, id, value, revision, replaces, expires, indexes }: NewDocument, now: number): boolean {
    const standing = this.statements.standing.get(view, id) as Standing | undefined;
    const live = standing && (standing.expires === null || standing.expires > now) ? standing.revision : null;
    if (replaces !== undefined && replaces !== live) throw new ViewConflict(view, id);
    if (standing) this.shredder.shred(standing.slot);
    const { slot, sealed } = this.shredder.seal(Buffer.from(value));
    this.statements.put.run(view, id, revision, expires, slot, sealed);
    this.statements.deleteIndexes.run(view, id);
    for (const [name, one] of indexes) this.statements.putIndex.run(view, name, one, id);
    return standing !== undefined;
  }

  delete(view: string, id: string): boolean {
    const standing = this.statements.standing.get(view, id) as Standing | undefined;
    if (!standing) return false;
    this.statements.deleteIndexes.run(view, id);
    this.statements.delete.run(view, id);
    this.shredder.shred(standing.slot);
    return true;
  }

  /** The oldest of what has expired, to be deleted. */
  expired(now: number, limit: number): { view: string; id: string }[] {
    return this.statements.expired.all(now, limit) as { view: string; id: string }[];
  }

  list<T>(view: string, now: number, after: PageEnd | undefined, limit: number): Found<T>[] {
    const rows = (after ? this.statements.listAfter.all(view, after[1], now, limit) : this.statements.list.all(view, now, limit)) as Row[];
    return rows.map((row) => ({ ...this.toDocument<T>(row), end: ['', row.id] }));
  }

  findExact<T>(view: string, name: string, value: string, now: number, after: PageEnd | undefined, limit: number): Found<T>[] {
    const rows = (after ? this.statements.exactAfter.all(view, name, value, after[1], now, limit) : this.statements.exact.all(view, name, value, now, limit)) as Row[];
    return rows.map((row) => ({ ...this.toDocument<T>(row), end: [value, row.id] }));
  }

  findUpTo<T>(view: string, name: string, upTo: string, now: number, after: PageEnd | undefined, limit: number): Found<T>[] {
    const rows = (after
      ? this.statements.upToAfter.all(view, name, upTo, ...after, now, limit)
      : this.statements.upTo.all(view, name, upTo, now, limit)) as (Row & { value: string })[];
    return rows.map((row) => ({ ...this.toDocument<T>(row), end: [row.value, row.id] }));
  }

  private toDocument<T>({ id, revision, key, sealed }: Row): Document<T> {
    return { id, revision, value: JSON.parse(this.shredder.open(key, sealed).toString()) as T };
  }
}

const columns = 'd.id, d.revision, d.sealed, s.key';
const live = '(d.expires IS NULL OR d.expires > ?)';
const documents = 'documents d JOIN slots s ON s.slot = d.slot';
// CROSS JOIN keeps SQLite to the order of the index, so that a page costs a page.
const indexed = 'index_values i CROSS JOIN documents d ON d.view = i.view AND d.id = i.id CROSS JOIN slots s ON s.slot = d.slot WHERE i.view = ? AND i.name = ?';
// A document with several values stands at its smallest one.
const smallest = 'NOT EXISTS (SELECT 1 FROM index_values b WHERE b.view = i.view AND b.id = i.id AND b.name = i.name AND b.value < i.value)';

const prepare = (db: Database.Database) => ({
  get: db.prepare(`SELECT ${columns} FROM ${documents} WHERE d.view = ? AND d.id = ? AND ${live}`),
  standing: db.prepare('SELECT revision, expires, slot FROM documents WHERE view = ? AND id = ?'),
  put: db.prepare(`INSERT INTO documents (view, id, revision, expires, slot, sealed) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (view, id) DO UPDATE SET revision = excluded.revision, expires = excluded.expires, slot = excluded.slot, sealed = excluded.sealed`),
  putIndex: db.prepare('INSERT INTO index_values (view, name, value, id) VALUES (?, ?, ?, ?)'),
  delete: db.prepare('DELETE FROM documents WHERE view = ? AND id = ?'),
  deleteIndexes: db.prepare('DELETE FROM index_values WHERE view = ? AND id = ?'),
  expired: db.prepare('SELECT view, id FROM documents WHERE expires IS NOT NULL AND expires <= ? ORDER BY expires LIMIT ?'),
  list: db.prepare(`SELECT ${columns} FROM ${documents} WHERE d.view = ? AND ${live} ORDER BY d.id LIMIT ?`),
  listAfter: db.prepare(`SELECT ${columns} FROM ${documents} WHERE d.view = ? AND d.id > ? AND ${live} ORDER BY d.id LIMIT ?`),
  exact: db.prepare(`SELECT ${columns} FROM ${indexed} AND i.value = ? AND ${live} ORDER BY i.id LIMIT ?`),
  exactAfter: db.prepare(`SELECT ${columns} FROM ${indexed} AND i.value = ? AND i.id > ? AND ${live} ORDER BY i.id LIMIT ?`),
  upTo: db.prepare(`SELECT ${columns}, i.value FROM ${indexed} AND i.value <= ? AND ${live} AND ${smallest} ORDER BY i.value, i.id LIMIT ?`),
  upToAfter: db.prepare(`SELECT ${columns}, i.value FROM ${indexed} AND i.value <= ? AND (i.value, i.id) > (?, ?) AND ${live} AND ${smallest} ORDER BY i.value, i.id LIMIT ?`),
});
