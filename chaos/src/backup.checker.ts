import { createDecipheriv, createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Count, countsView, notesGroup, publisherName, topic } from './backup.work.js';
import type { Checked, Fact } from './scenario.js';

/** Looks at backups with nothing of Kendt's own but what the formats are. */
export const checkBackups = async (facts: readonly Fact[], folder: string): Promise<Checked> => {
  await sleep(500); // a process that was taking the last backup may still be ending
  const complaints = failures(facts);
  const figures = { acknowledged: facts.filter(({ is }) => is === 'appended').length, ordered: facts.filter(({ is }) => is === 'backup-ordered').length, backups: 0, events: 0, messages: 0, documents: 0 };
  for (const era of readdirSync(folder).filter((name) => name.startsWith('era-'))) {
    const root = join(folder, era, 'backups');
    const log = ids(join(folder, era, 'events.db'));
    const names = existsSync(root) ? readdirSync(root).filter((name) => !name.startsWith('.')) : [];
    complaints.push(...missing(facts, era, names, join(folder, era)));
    for (const name of names) {
      const looked = checkOne({ folder: join(root, name), keys: join(folder, era, 'key-backups', name, 'keys.db'), log, acknowledged: acknowledgedBefore(facts, era, name) });
      complaints.push(...looked.complaints.map((complaint) => `${era} ${name}: ${complaint}`));
      figures.backups++;
      for (const what of ['events', 'messages', 'documents'] as const) figures[what] += looked.figures[what] ?? 0;
    }
  }
  return { complaints, figures };
};

const nameOf = (at: unknown): string => `kendt-${String(at).replaceAll(':', '-').replace('.', '-')}`;

const failures = (facts: readonly Fact[]): string[] => facts.flatMap(({ is, at, answer }) => (is === 'backup-answered' && /^failed/.test(String(answer)) ? [`The backup of ${String(at)} ${String(answer)}`] : []));

const missing = (facts: readonly Fact[], era: string, names: readonly string[], folder: string): string[] =>
  facts
    .filter((fact) => fact.is === 'backup-answered' && fact['era'] === era && fact['answer'] === 'done')
    .flatMap(({ at }) => [...(names.includes(nameOf(at)) ? [] : [`${nameOf(at)} was made and is not there`]), ...(existsSync(join(folder, 'key-backups', nameOf(at), 'keys.db')) ? [] : [`The keys of ${nameOf(at)} are not there`])]);

/** Ids by position, of everything that was acknowledged before this backup was ordered. */
const acknowledgedBefore = (facts: readonly Fact[], era: string, name: string): Map<number, string> => {
  const ordered = facts.find((fact) => fact.is === 'backup-ordered' && fact['era'] === era && nameOf(fact['at']) === name);
  const until = Number(ordered?.['acknowledged'] ?? 0);
  const appended = facts.filter((fact) => fact.is === 'appended' && fact['era'] === era && Number(fact['position']) <= until);
  return new Map(appended.map((fact) => [Number(fact['position']), String(fact['id'])]));
};

const withDatabase = <R>(file: string, look: (db: DatabaseSync) => R): R => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return look(db);
  } finally {
    db.close();
  }
};

const ids = (file: string): Map<number, string> =>
  withDatabase(file, (db) => new Map((db.prepare('SELECT position, id FROM events').all() as { position: number; id: string }[]).map(({ position, id }) => [position, id])));

interface Looked {
  readonly folder: string;
  readonly keys: string;
  /** The log as it is in the end. */
  readonly log: ReadonlyMap<number, string>;
  readonly acknowledged: ReadonlyMap<number, string>;
}

const checkOne = ({ folder, keys, log, acknowledged }: Looked): Checked => {
  if (!existsSync(join(folder, 'manifest.json'))) return { complaints: ['it looks like a backup and has no manifest'], figures: {} };
  const file = (name: string): string => join(folder, `${name}.db`);
  const complaints = [...checkFiles(folder)];
  if (complaints.length > 0) return { complaints, figures: {} };
  const events = ids(file('events'));
  const last = Math.max(0, ...events.keys());
  for (let position = 1; position <= last; position++) if (events.get(position) !== log.get(position)) complaints.push(`position ${position} is a hole, or another event than in the log`);
  for (const [position, id] of acknowledged) if (events.get(position) !== id) complaints.push(`${id} was acknowledged before, and is not in it`);
  const views = withDatabase(file('views'), (db) => checkViews(db, file('events'), last));
  const topics = withDatabase(file('topics'), (db) => checkTopics(db, new Set(events.values()), idsUpTo(file('events'), views.published)));
  complaints.push(...views.complaints, ...topics.complaints, ...(existsSync(keys) ? checkKeys(file('events'), keys) : []));
  return { complaints, figures: { events: events.size, messages: topics.messages, documents: views.documents } };
};

interface ManifestFile {
  readonly name: string;
  readonly sha256: string;
  readonly kind: string;
}

const checkFiles = (folder: string): string[] => {
  const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { files: ManifestFile[] };
  return files.flatMap(({ name, sha256, kind }) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [`${name} is missing`];
    if (createHash('sha256').update(readFileSync(path)).digest('hex') !== sha256) return [`${name} is not what its manifest says`];
    if (kind === 'tombstones') return [];
    const verdict = withDatabase(path, (db) => Object.values(db.prepare('PRAGMA integrity_check').get() as object)[0] as string);
    return verdict === 'ok' ? [] : [`${name} is damaged: ${verdict}`];
  });
};

interface DocumentRow {
  readonly view: string;
  readonly id: string;
  readonly revision: string;
  readonly key: Uint8Array;
  readonly sealed: Uint8Array;
}

/** No document and no checkpoint is ahead of the events, and each document is the fold of them. */
const checkViews = (db: DatabaseSync, events: string, last: number): { complaints: string[]; published: number; documents: number } => {
  const rows = db.prepare('SELECT view, id, revision, key, sealed FROM documents JOIN slots USING (slot)').all() as unknown as DocumentRow[];
  const complaints = rows.filter(({ revision }) => Number(revision) > last).map(({ view, id, revision }) => `${view} ${id} is at ${Number(revision)}, ahead of the events (${last})`);
  const counts = rows.filter(({ view }) => view === countsView);
  complaints.push(...withDatabase(events, (log) => counts.flatMap((row) => wrongCount(log, row))));
  return { complaints, published: Number(rows.find(({ view, id }) => view.startsWith('checkpoints@') && id === publisherName)?.revision ?? 0), documents: counts.length };
};

const wrongCount = (log: DatabaseSync, { id, revision, key, sealed }: DocumentRow): string[] => {
  const { count } = JSON.parse(opened(key, sealed)) as Count;
  const { there } = log.prepare('SELECT count(*) AS there FROM events WHERE stream = ? AND position <= ?').get(id, Number(revision)) as { there: number };
  return count === there ? [] : [`${id} counts ${count}, and the log ${there}`];
};

const opened = (key: Uint8Array, sealed: Uint8Array): string => {
  const end = sealed.length - 16;
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAuthTag(sealed.subarray(end));
  return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]).toString();
};

const idsUpTo = (events: string, position: number): string[] =>
  withDatabase(events, (db) => (db.prepare("SELECT id FROM events WHERE category = 'customer' AND position <= ?").all(position) as { id: string }[]).map(({ id }) => id));

/** What a publisher's checkpoint says was published is there; what a consumer has committed is in the log. */
const checkTopics = (db: DatabaseSync, events: ReadonlySet<string>, published: readonly string[]): { complaints: string[]; messages: number } => {
  const messages = (db.prepare('SELECT offset, headers FROM messages WHERE topic = ?').all(topic) as { offset: number; headers: string }[]).map(({ offset, headers }) => ({ offset, id: (JSON.parse(headers) as { id: string }).id }));
  const there = new Set(messages.map(({ id }) => id));
  const { offset: committed } = (db.prepare('SELECT offset FROM commits WHERE consumers = ?').get(notesGroup) ?? { offset: 0 }) as { offset: number };
  const complaints = [
    ...published.filter((id) => !there.has(id)).map((id) => `${id} counts as published, and is on no topic`),
    ...messages.filter(({ offset, id }) => offset <= committed && !events.has(`note-${id}`)).map(({ id }) => `${id} counts as consumed, and its event is not there`),
  ];
  return { complaints, messages: messages.length };
};

/** The keys were copied after the events: there is one for whatever is sealed in them. */
const checkKeys = (events: string, keys: string): string[] => {
  const known = withDatabase(keys, (db) => new Set((db.prepare('SELECT customer FROM keys').all() as { customer: string }[]).map(({ customer }) => customer)));
  const sealed = withDatabase(events, (db) => (db.prepare("SELECT DISTINCT stream FROM events WHERE personal IS NOT NULL").all() as { stream: string }[]).map(({ stream }) => stream.slice('customer-'.length)));
  return sealed.filter((customer) => !known.has(customer)).map((customer) => `there is no key for ${customer}`);
};
