import { Shredder } from './shredder.js';
import type { FileKind, SqliteConnection } from './sqlite-file.js';

const members = 'CREATE TABLE members (consumers TEXT NOT NULL, member TEXT NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (consumers, member)) WITHOUT ROWID';

export const topicLogFile: FileKind = {
  name: 'topic log',
  applicationId: 0x4b_4e_44_04,
  version: 2,
  upgrades: { 1: members },
  // AUTOINCREMENT: an offset is never given twice, also when the last message was compacted away.
  schema: `
    CREATE TABLE topics (name TEXT PRIMARY KEY, cleanup TEXT NOT NULL, retention_ms INTEGER, partitions INTEGER) WITHOUT ROWID;
    CREATE TABLE messages (
      offset INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL REFERENCES topics, key TEXT NOT NULL, headers TEXT NOT NULL,
      timestamp INTEGER NOT NULL, slot INTEGER REFERENCES slots, sealed BLOB
    );
    CREATE INDEX messages_topic ON messages (topic, offset);
    CREATE INDEX messages_key ON messages (topic, key);
    CREATE TABLE commits (consumers TEXT NOT NULL, topic TEXT NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (consumers, topic)) WITHOUT ROWID;
    CREATE TABLE leases (consumers TEXT PRIMARY KEY, member TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
    ${members};
    ${Shredder.schema}`,
};

export interface TopicRow {
  readonly name: string;
  readonly cleanup: 'delete' | 'compact';
  readonly retention_ms: number | null;
  readonly partitions: number | null;
}

export interface MessageRow {
  readonly offset: number;
  readonly topic: string;
  readonly key: string;
  readonly headers: string;
  readonly timestamp: number;
  readonly slot: number | null;
  readonly slot_key: Uint8Array | null;
  readonly sealed: Uint8Array | null;
}

export const prepare = (db: SqliteConnection) => ({
  topics: db.prepare('SELECT * FROM topics ORDER BY name'),
  topic: db.prepare('SELECT * FROM topics WHERE name = ?'),
  addTopic: db.prepare('INSERT INTO topics (name, cleanup, retention_ms, partitions) VALUES (?, ?, ?, ?)'),
  add: db.prepare('INSERT INTO messages (topic, key, headers, timestamp, slot, sealed) VALUES (?, ?, ?, ?, ?, ?)'),
  next: db.prepare(`SELECT m.*, s.key AS slot_key FROM messages m LEFT JOIN slots s ON s.slot = m.slot
    WHERE m.topic = ? AND m.offset > ? AND m.timestamp > ? ORDER BY m.offset LIMIT ?`),
  since: db.prepare('SELECT offset FROM messages WHERE topic = ? AND timestamp >= ? ORDER BY offset LIMIT 1'),
  one: db.prepare('SELECT m.*, s.key AS slot_key FROM messages m LEFT JOIN slots s ON s.slot = m.slot WHERE m.topic = ? AND m.offset = ?'),
  lag: db.prepare('SELECT count(*) AS lag FROM messages WHERE topic = ? AND offset > ? AND timestamp > ? AND offset < ?'),
  ofKey: db.prepare('SELECT * FROM messages WHERE topic = ? AND key = ?'),
  older: db.prepare('SELECT * FROM messages WHERE topic = ? AND timestamp <= ? ORDER BY offset LIMIT 10000'),
  delete: db.prepare('DELETE FROM messages WHERE offset = ?'),
  deleteTombstones: db.prepare('DELETE FROM messages WHERE topic = ? AND sealed IS NULL AND timestamp <= ?'),
  lastOffset: db.prepare("SELECT seq AS last FROM sqlite_sequence WHERE name = 'messages' UNION ALL SELECT NULL LIMIT 1"),
  commit: db.prepare(`INSERT INTO commits (consumers, topic, offset) VALUES (?, ?, ?)
    ON CONFLICT (consumers, topic) DO UPDATE SET offset = max(offset, excluded.offset)`),
  place: db.prepare(`INSERT INTO commits (consumers, topic, offset) VALUES (?, ?, ?)
    ON CONFLICT (consumers, topic) DO UPDATE SET offset = excluded.offset`),
  committed: db.prepare('SELECT offset FROM commits WHERE consumers = ? AND topic = ?'),
  reset: db.prepare('DELETE FROM commits WHERE consumers = ?'),
  lease: db.prepare(`INSERT INTO leases (consumers, member, expires) VALUES (?, ?, ?)
    ON CONFLICT (consumers) DO UPDATE SET member = excluded.member, expires = excluded.expires WHERE member = excluded.member OR leases.expires <= ?`),
  leaseHolder: db.prepare('SELECT member FROM leases WHERE consumers = ? AND expires > ?'),
  enter: db.prepare('INSERT OR REPLACE INTO members (consumers, member, expires) VALUES (?, ?, ?)'),
  leave: db.prepare('DELETE FROM members WHERE consumers = ? AND (member = ? OR expires <= ?)'),
  anybody: db.prepare('SELECT member FROM members WHERE consumers = ? AND expires > ? LIMIT 1'),
  release: db.prepare('DELETE FROM leases WHERE consumers = ? AND member = ?'),
});
