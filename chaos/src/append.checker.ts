import Database from 'better-sqlite3';
import { START, type StoredEvent } from '@kendt/eventsourcing';
import { SqliteEventStore } from '@kendt/sqlite';
import { AppendBook } from './append.book.js';
import type { AppendFact } from './append.facts.js';
import type { Checked } from './scenario.js';

/** An event as it lies in the file. */
export interface Row {
  readonly position: number;
  readonly revision: number;
}

/** The one place that knows the columns; what stands in them is read through the adapter. */
const withRows = async <T>(file: string, look: (rows: Iterator<Row>) => Promise<T>): Promise<{ looked: T; damage: string[] }> => {
  const db = new Database(file, { readonly: true });
  try {
    const damage = (db.pragma('integrity_check') as { integrity_check: string }[]).map((line) => line.integrity_check).filter((line) => line !== 'ok');
    const { ids, different } = db.prepare('SELECT count(id) AS ids, count(DISTINCT id) AS different FROM events').get() as { ids: number; different: number };
    const looked = await look(db.prepare('SELECT position, revision FROM events ORDER BY position').iterate() as IterableIterator<Row>);
    return { looked, damage: [...damage.map((line) => `The file is damaged: ${line}`), ...(ids === different ? [] : [`${ids - different} event ids are there twice`])] };
  } finally {
    db.close();
  }
};

async function* eventsIn(file: string): AsyncGenerator<StoredEvent> {
  const store = await SqliteEventStore.open(file);
  try {
    for await (const batch of store.subscribe({ after: START, categories: [], signal: new AbortController().signal })) {
      yield* batch.events;
      if (batch.caughtUp) return;
    }
  } finally {
    await store.close();
  }
}

/** One fact, one row and one event at a time: of a million appends only what the book keeps is in memory. */
export const checkAppends = async (facts: Iterable<AppendFact>, file: string): Promise<Checked> => {
  const book = new AppendBook();
  for (const fact of facts) book.said(fact);
  if (book.counts.acknowledged === 0) throw new Error('Nothing was acknowledged: so few kills prove nothing');
  const unanswered = book.unanswered;
  const { looked, damage } = await withRows(file, (rows) => compareRows(rows, eventsIn(file), (event) => book.found(event)));
  return {
    complaints: [...damage, ...book.close(), ...looked.complaints],
    figures: { appends: book.appends, ...book.counts, 'without an answer': unanswered, events: looked.events },
  };
};

/** What a reader gets, against the rows of the file; hands on each event. */
export const compareRows = async (rows: Iterator<Row>, events: AsyncIterable<StoredEvent>, found: (event: StoredEvent) => void): Promise<{ complaints: string[]; events: number }> => {
  const complaints: string[] = [];
  const next = new Map<string, number>();
  let [count, last] = [0, START];
  for await (const event of events) {
    const { value: row, done } = rows.next() as IteratorResult<Row, undefined>;
    if (done) complaints.push(`A reader gets ${event.position}, which the file does not have`);
    else if (row.position !== Number(event.position) || row.revision !== event.revision) complaints.push(`A reader gets ${event.position} where the file has ${row.position}`);
    if (event.position <= last) complaints.push(`Position ${event.position} does not come after ${last}`);
    if (event.revision !== (next.get(event.stream) ?? 0)) complaints.push(`${event.stream} has revision ${event.revision} after ${(next.get(event.stream) ?? 0) - 1}`);
    next.set(event.stream, event.revision + 1);
    last = event.position;
    count++;
    found(event);
  }
  if (!rows.next().done) complaints.push('The file has an event that no reader gets');
  return { complaints, events: count };
};
