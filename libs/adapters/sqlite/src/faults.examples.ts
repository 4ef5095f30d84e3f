// Processes of their own, started by faults.int.test.ts: each does one thing, and tells as JSON lines what came of it.
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { openSqliteFile } from '@kendt/connector/embedded';
import { deterministicId, type NewEvent, readAll, type StreamAppend } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import type Database from 'better-sqlite3';
import { connect } from './connection.js';
import { eventFile } from './event-schema.js';
import { SqliteEventStore } from './event-store.sqlite.js';

const tell = (what: object): void => void writeSync(1, `${JSON.stringify(what)}\n`);

const said = (word: string, bytes = 0): NewEvent => {
  const id = deterministicId('faults', word);
  const metadata = { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'faults', recordedAt: '2026-03-01T09:00:00.000Z', schemaVersion: '1' } as const;
  return { id, type: 'WordSaid', data: { word, filler: 'x'.repeat(bytes) }, metadata };
};

const appendOf = (n: number): StreamAppend[] => [
  { stream: `word-${n}`, expected: 'none', events: [said(`a${n}`, 20_000), said(`b${n}`)] },
  { stream: 'word-all', expected: 'any', events: [said(`c${n}`)] },
];

const answerOf = async (store: SqliteEventStore, n: number): Promise<string> =>
  store.append(appendOf(n)).then(
    () => 'written',
    (error: unknown) => (error instanceof Refusal ? `${error.code} ${error.kind}` : String(error)),
  );

const standing = async (store: SqliteEventStore): Promise<{ all: number; each: number[] }> => {
  const all = await readAll(store, 'word-all');
  const each = await Promise.all(Array.from({ length: 400 }, async (_, n) => (await readAll(store, `word-${n}`)).length));
  return { all: all.length, each: each.filter((length) => length > 0) };
};

/** Under a limit of file size: writes until there is no room, looks, gets room, goes on. */
const full = async (file: string): Promise<void> => {
  const store = await SqliteEventStore.open(file);
  const answers: string[] = [];
  // Four at a time until they are refused, then one at a time until there is no room for one either.
  for (const together of [4, 1])
    for (let refused = false; !refused && answers.length < 400; refused = answers.at(-1) !== 'written')
      answers.push(...(await Promise.all(Array.from({ length: together }, (_, n) => answerOf(store, answers.length + n)))));
  tell({ written: answers.filter((answer) => answer === 'written').length, others: [...new Set(answers.filter((answer) => answer !== 'written'))] });
  tell({ again: await answerOf(store, 399), ...(await standing(store)) });
  execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
  const later = await Promise.all(Array.from({ length: 400 }, (_, n) => answerOf(store, n)));
  tell({ later: [...new Set(later)], ...(await standing(store)) });
  await store.close();
};

/** Dies in the middle of an upgrade, after its statements and before the commit. */
const upgrade = (file: string): void => {
  const dying = (path: string): Database.Database => {
    const db = connect(path);
    const exec = db.exec.bind(db);
    db.exec = (sql) => {
      if (sql === 'COMMIT') process.kill(process.pid, 'SIGKILL');
      return exec(sql);
    };
    return db;
  };
  openSqliteFile({ file, kind: eventFile, connect: dying });
};

/** Appends now and then, and tells when each answer came. */
const speak = async (file: string): Promise<void> => {
  const store = await SqliteEventStore.open(file);
  for (let n = 0; n < 25; n++) {
    await store.append([{ stream: 'word-spoken', expected: 'any', events: [said(`s${n}`)] }]);
    tell({ n, at: Date.now() });
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await store.close();
};

/** Appends without waiting, and forgets to close. */
const forget = async (file: string): Promise<void> => {
  const store = await SqliteEventStore.open(file);
  void store.append([{ stream: 'word-forgotten', expected: 'any', events: [said('f')] }]).then(() => tell({ written: true }));
};

const [, , what = '', file = ''] = process.argv;
const done: Readonly<Record<string, (file: string) => unknown>> = { full, upgrade, speak, forget };
void done[what]?.(file);
