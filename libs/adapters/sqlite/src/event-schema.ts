import type { FileKind } from '@kendt/connector/embedded';

// The 36 characters of a UUID as we write it; anything else is kept as it stands, so that two texts are never taken for one.
const hex = (digits: number): string => '[0-9a-f]'.repeat(digits);
const uuid = [8, 4, 4, 4, 12].map(hex).join('-');

/** 16 bytes where the text is a UUID: half the size, so twice as many in a page. */
const compact = (text: string): string => `CASE WHEN ${text} GLOB '${uuid}' THEN unhex(${text}, '-') ELSE ${text} END`;

/** What is behind the category in a stream's name. First in its index: the streams of one customer lie side by side. */
const key = compact('substr(stream, length(category) + 2)');
const id = compact('id');

const indexes = `
    CREATE UNIQUE INDEX events_stream ON events (${key}, category, revision);
    CREATE UNIQUE INDEX events_id ON events (${id});`;

export const eventFile: FileKind = {
  name: 'event store',
  applicationId: 0x4b_4e_44_01,
  version: 2,
  // The columns that are scanned stand before the large ones, so that a scan reads no overflow pages.
  schema: `
    CREATE TABLE events (
      position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, category TEXT NOT NULL, id TEXT NOT NULL,
      type TEXT NOT NULL, metadata TEXT NOT NULL, data TEXT NOT NULL, personal TEXT
    );
    ${indexes}
    CREATE INDEX events_category ON events (category, position)`,
  // Version 1 had whole names and ids in its indexes.
  upgrades: { 1: `DROP INDEX events_stream; DROP INDEX events_id; ${indexes}` },
};

const given = `(SELECT ${compact('given')} FROM (SELECT ? AS given))`;

/** Takes key and category. The expressions must stand here as they stand in the index, or SQLite does not use it. */
const sameStream = `${key} = ${given} AND category = ?`;

const columns = 'events.position, stream, revision, id, type, metadata, data, personal';

export const eventSql = {
  insert: 'INSERT INTO events (stream, revision, category, id, type, metadata, data, personal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  byId: `SELECT position, stream, id, type, metadata, data, personal FROM events WHERE ${id} = ${given}`,
  revision: `SELECT revision FROM events WHERE ${sameStream} ORDER BY revision DESC LIMIT 1`,
  forwards: `SELECT ${columns} FROM events WHERE ${sameStream} AND revision >= ? ORDER BY revision LIMIT ?`,
  backwards: `SELECT ${columns} FROM events WHERE ${sameStream} AND revision <= ? ORDER BY revision DESC LIMIT ?`,
  ofKey: `SELECT * FROM events WHERE ${key} = ${given} ORDER BY category, revision LIMIT ?`,
  last: 'SELECT max(position) AS position FROM events',
};

/** Each category is read in order from its index and merged, however rare it is among the others. */
export const subscriptionSql = (categories: number, limit: number): string => {
  if (categories === 0) return `SELECT ${columns} FROM events WHERE position > ? ORDER BY position LIMIT ${limit}`;
  const one = 'SELECT position FROM events WHERE category = ? AND position > ?';
  const merged = `${Array.from({ length: categories }, () => one).join(' UNION ALL ')} ORDER BY position LIMIT ${limit}`;
  return `SELECT ${columns} FROM (${merged}) AS found CROSS JOIN events ON events.position = found.position ORDER BY found.position`;
};
