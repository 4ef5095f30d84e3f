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

const cacheKiB = 16 * 1024;
const checkpointPages = 4000;

interface Row {
  readonly id: string;
  readonly revision: string;
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
}

interface Standing {
  readonly number: number;
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
  readonly indexes: readonly IndexEntry[];
}

type IndexEntry = readonly [name: string, value: string];

const includes = (entries: readonly IndexEntry[], [name, value]: IndexEntry): boolean => entries.some((one) => one[0] === name && one[1] === value);

/** Documents and their index values, synchronous. Writes run inside a transaction of the caller. */
export class DocumentStore {
  readonly db: Database.Database;
  private readonly shredder: Shredder;
  private readonly statements: ReturnType<typeof prepare>;

  constructor(file: string) {
    this.db = openSqliteFile({ file, kind, connect });
    // Projections write many pages at once: these settings keep them from being read, and folded into the file, again and again.
    this.db.exec(`PRAGMA cache_size = -${cacheKiB}; PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    this.shredder = new Shredder(this.db);
    this.statements = prepare(this.db);
  }

  get<T>(view: string, id: string, now: number): Document<T> | undefined {
    const row = this.statements.get.get(view, id, now) as Row | undefined;
    return row && this.toDocument<T>(row);
  }

  /** One statement for all: most of what a projection asks for is not there yet, and a call for each would cost more than looking. */
  getEach<T>(view: string, ids: readonly string[], now: number): Document<T>[] {
    return (this.statements.getEach.all(JSON.stringify(ids), view, now) as Row[]).map((row) => this.toDocument<T>(row));
  }

  count(view: string, now: number): number {
    return this.statements.count.get(view, now) as number;
  }

  /** Gives whether something was overwritten that may still stand in the write-ahead log. */
  put(document: NewDocument, now: number): boolean {
    const took = this.tryPut(document, now);
    if (took === undefined) throw new ViewConflict(document.view, document.id);
    return took;
  }

  /** `undefined` when another revision stands there than the one it replaces. */
  tryPut({ view, id, value, revision, replaces, expires, indexes }: NewDocument, now: number): boolean | undefined {
    const standing = this.statements.standing.get(view, id) as Standing | undefined;
    if (replaces !== undefined && replaces !== liveRevision(standing, now)) return undefined;
    if (standing) this.statements.update.run(revision, expires, this.shredder.reseal(standing.slot, Buffer.from(value)), standing.number);
    else {
      const { slot, sealed } = this.shredder.seal(Buffer.from(value));
      this.statements.insert.run(view, id, revision, expires, slot, sealed);
    }
    this.reindex(view, id, indexes, standing !== undefined);
    return standing !== undefined;
  }

  /** Most changes of a document leave its index values as they are: reading them costs less than writing them. */
  private reindex(view: string, id: string, indexes: NewDocument['indexes'], replaced: boolean): void {
    const standing = replaced ? (this.statements.indexes.all(view, id) as IndexEntry[]) : [];
    for (const entry of standing) if (!includes(indexes, entry)) this.statements.deleteIndex.run(view, entry[0], entry[1], id);
    for (const entry of indexes) if (!includes(standing, entry)) this.statements.putIndex.run(view, entry[0], entry[1], id);
  }

  revisionOf(view: string, id: string, now: number): string | null {
    return liveRevision(this.statements.standing.get(view, id) as Standing | undefined, now);
  }

  delete(view: string, id: string): boolean {
    const standing = this.statements.standing.get(view, id) as Standing | undefined;
    if (!standing) return false;
    this.statements.deleteIndexes.run(view, id);
    this.statements.delete.run(view, id);
    this.shredder.shred(standing.slot);
    return true;
  }

  /** Every view that has a document: a jump through the index from one to the next, not a walk over all documents. */
  names(): string[] {
    const names: string[] = [];
    for (let name = this.statements.nextView.get('') as string | undefined; name !== undefined; name = this.statements.nextView.get(name) as string | undefined) names.push(name);
    return names;
  }

  /** Deletes some of a view; gives whether there may be more. */
  dropSome(view: string, limit: number): boolean {
    const ids = this.statements.someIds.all(view, limit) as string[];
    for (const id of ids) this.delete(view, id);
    return ids.length === limit;
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

const liveRevision = (standing: Standing | undefined, now: number): string | null =>
  standing && (standing.expires === null || standing.expires > now) ? standing.revision : null;

const columns = 'd.id, d.revision, d.sealed, s.key';
const live = '(d.expires IS NULL OR d.expires > ?)';
const documents = 'documents d JOIN slots s ON s.slot = d.slot';
// CROSS JOIN keeps SQLite to the order of the index, so that a page costs a page.
const indexed = 'index_values i CROSS JOIN documents d ON d.view = i.view AND d.id = i.id CROSS JOIN slots s ON s.slot = d.slot WHERE i.view = ? AND i.name = ?';
// A document with several values stands at its smallest one.
const smallest = 'NOT EXISTS (SELECT 1 FROM index_values b WHERE b.view = i.view AND b.id = i.id AND b.name = i.name AND b.value < i.value)';

const prepare = (db: Database.Database) => ({
  get: db.prepare(`SELECT ${columns} FROM ${documents} WHERE d.view = ? AND d.id = ? AND ${live}`),
  getEach: db.prepare(`SELECT ${columns} FROM json_each(?) wanted CROSS JOIN documents d ON d.id = wanted.value CROSS JOIN slots s ON s.slot = d.slot WHERE d.view = ? AND ${live}`),
  standing: db.prepare('SELECT number, revision, expires, slot FROM documents WHERE view = ? AND id = ?'),
  insert: db.prepare('INSERT INTO documents (view, id, revision, expires, slot, sealed) VALUES (?, ?, ?, ?, ?, ?)'),
  update: db.prepare('UPDATE documents SET revision = ?, expires = ?, sealed = ? WHERE number = ?'),
  indexes: db.prepare('SELECT name, value FROM index_values WHERE view = ? AND id = ?').raw(),
  count: db.prepare(`SELECT count(*) FROM documents d WHERE d.view = ? AND ${live}`).pluck(),
  nextView: db.prepare('SELECT view FROM documents WHERE view > ? ORDER BY view LIMIT 1').pluck(),
  someIds: db.prepare('SELECT id FROM documents WHERE view = ? LIMIT ?').pluck(),
  putIndex: db.prepare('INSERT INTO index_values (view, name, value, id) VALUES (?, ?, ?, ?)'),
  delete: db.prepare('DELETE FROM documents WHERE view = ? AND id = ?'),
  deleteIndex: db.prepare('DELETE FROM index_values WHERE view = ? AND name = ? AND value = ? AND id = ?'),
  deleteIndexes: db.prepare('DELETE FROM index_values WHERE view = ? AND id = ?'),
  expired: db.prepare('SELECT view, id FROM documents WHERE expires IS NOT NULL AND expires <= ? ORDER BY expires LIMIT ?'),
  list: db.prepare(`SELECT ${columns} FROM ${documents} WHERE d.view = ? AND ${live} ORDER BY d.id LIMIT ?`),
  listAfter: db.prepare(`SELECT ${columns} FROM ${documents} WHERE d.view = ? AND d.id > ? AND ${live} ORDER BY d.id LIMIT ?`),
  exact: db.prepare(`SELECT ${columns} FROM ${indexed} AND i.value = ? AND ${live} ORDER BY i.id LIMIT ?`),
  exactAfter: db.prepare(`SELECT ${columns} FROM ${indexed} AND i.value = ? AND i.id > ? AND ${live} ORDER BY i.id LIMIT ?`),
  upTo: db.prepare(`SELECT ${columns}, i.value FROM ${indexed} AND i.value <= ? AND ${live} AND ${smallest} ORDER BY i.value, i.id LIMIT ?`),
  upToAfter: db.prepare(`SELECT ${columns}, i.value FROM ${indexed} AND i.value <= ? AND (i.value, i.id) > (?, ?) AND ${live} AND ${smallest} ORDER BY i.value, i.id LIMIT ?`),
});
