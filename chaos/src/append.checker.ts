import Database from 'better-sqlite3';
import { deterministicId, type ExpectedRevision, START, type StoredEvent } from '@kendt/eventsourcing';
import { SqliteEventStore } from '@kendt/sqlite';
import { type AppendFact, digestOf, type Word } from './append.facts.js';
import type { Checked } from './scenario.js';

/** A row of the file, as it lies there. */
export interface Row {
  readonly position: number;
  readonly revision: number;
  readonly id: string;
}

/** The one place that knows the columns; what stands in them is read through the adapter. */
const rowsIn = (file: string): { rows: Row[]; damage: string[] } => {
  const db = new Database(file, { readonly: true });
  try {
    const rows = db.prepare('SELECT position, revision, id FROM events ORDER BY position').all() as { position: number; revision: number; id: string | Uint8Array }[];
    const damage = (db.pragma('integrity_check') as { integrity_check: string }[]).map((line) => line.integrity_check).filter((line) => line !== 'ok');
    return { rows: rows.map((row) => ({ ...row, id: typeof row.id === 'string' ? row.id : Buffer.from(row.id).toString('hex') })), damage };
  } finally {
    db.close();
  }
};

const eventsIn = async (file: string): Promise<StoredEvent[]> => {
  const store = await SqliteEventStore.open(file);
  const events: StoredEvent[] = [];
  try {
    for await (const batch of store.subscribe({ after: START, categories: [], signal: new AbortController().signal })) {
      events.push(...batch.events);
      if (batch.caughtUp) break;
    }
  } finally {
    await store.close();
  }
  return events;
};

export const checkAppends = async (facts: readonly AppendFact[], file: string): Promise<Checked> => {
  const { rows, damage } = rowsIn(file);
  const events = await eventsIn(file);
  const count = (is: AppendFact['is']): number => facts.filter((fact) => fact.is === is).length;
  const told = tell(facts);
  return {
    complaints: [...damage.map((line) => `The file is damaged: ${line}`), ...compareAppends(told, events), ...compareRows(rows, events)],
    figures: {
      appends: told.size,
      acknowledged: count('acknowledged'),
      refused: count('refused'),
      forged: count('forgery'),
      'without an answer': [...told.values()].filter(({ positions, refused }) => positions.length === 0 && !refused).length,
      'tried again': count('attempt') - told.size,
      events: events.length,
    },
  };
};

type Attempt = Extract<AppendFact, { is: 'attempt' }>;

/** What the children said of one append, in all lives. */
export interface Told {
  readonly attempt: Attempt;
  readonly positions: string[];
  /** An answer that says: this was not written, and will not be. */
  refused: boolean;
  forged: boolean;
  tries: number;
}

/** Exported for its test. */
export const tell = (facts: readonly AppendFact[]): Map<string, Told> => {
  const all = new Map<string, Told>();
  for (const fact of facts) {
    if (fact.is === 'attempt' && !all.has(fact.key)) all.set(fact.key, { attempt: fact, positions: [], refused: false, forged: false, tries: 0 });
    const told = all.get(fact.key)!;
    if (fact.is === 'attempt') told.tries++;
    if (fact.is === 'acknowledged') told.positions.push(fact.position);
    if (fact.is === 'refused' && (fact.why !== busy || told.tries === 1)) told.refused = true;
    if (fact.is === 'forgery-acknowledged' || (fact.is === 'forgery-refused' && fact.why !== 'EVENT_ID_REUSED' && fact.why !== busy)) told.forged = true;
  }
  return all;
};

/** Says that this try wrote nothing; one before it, whose answer was lost, may have. */
const busy = 'STORE_BUSY';

/** Exported for its test: the same on what was told and what is there, without a file. */
export const compareAppends = (told: ReadonlyMap<string, Told>, events: readonly StoredEvent[]): string[] => {
  const there = Map.groupBy(events, (event) => (event.data as Word).key);
  return [
    ...([...told.values()].some(({ positions }) => positions.length > 0) ? [] : ['Nothing was acknowledged: this run proves nothing']),
    ...[...told].flatMap(([key, { positions }]) => (positions.length > 0 && !there.has(key) ? [`${key} was acknowledged and is missing`] : [])),
    ...[...told].flatMap(([key, one]) => aboutAppend(key, one, there.get(key) ?? [])),
    ...[...there.keys()].filter((key) => !told.has(key)).map((key) => `${key} is there, but nobody tried it`),
    ...aboutOrder(told),
  ];
};

const aboutAppend = (key: string, { attempt, positions, refused, forged }: Told, there: readonly StoredEvent[]): string[] => {
  const complaints: string[] = [];
  const acknowledged = positions.length > 0;
  if (forged) complaints.push(`${key}: other events with the same ids were not refused`);
  if (acknowledged && refused) complaints.push(`${key} was acknowledged once and refused once`);
  if (refused && !acknowledged && there.length > 0) complaints.push(`${key} was refused and is there`);
  if (there.length === 0) return complaints;
  const expected = attempt.streams.reduce((sum, [, , events]) => sum + events, 0);
  if (there.length < expected) complaints.push(`${key} is there in part: ${there.length} of ${expected} events`);
  else if (there.length > expected) complaints.push(`${key} is there more than once: ${there.length} events for ${expected}`);
  else if (digestOf(there.map((event) => [event.stream, event])) !== attempt.digest) complaints.push(`${key} is not what was given, or not in this order`);
  for (const position of positions) if (position !== there.at(-1)!.position) complaints.push(`${key} was acknowledged at "${position}" and is at ${there.at(-1)!.position}`);
  for (const [stream, revision] of attempt.streams) {
    const first = there.find((event) => event.stream === stream);
    if (first && !fits(revision, first.revision)) complaints.push(`${key} expected ${stream} at ${revision} and begins there at revision ${first.revision}`);
  }
  if (there.some((event) => event.id !== deterministicId(key, String((event.data as Word).index)))) complaints.push(`${key} has ids that it was not given`);
  return complaints;
};

const fits = (expected: ExpectedRevision, first: number): boolean => expected === 'any' || first === (expected === 'none' ? 0 : expected + 1);

/** A caller waited for each answer, so the positions of its first answers rise. Retries of others' appends have an older one. */
const aboutOrder = (told: ReadonlyMap<string, Told>): string[] => {
  const own = [...told.values()].filter(({ attempt, positions }) => positions.length > 0 && attempt.key.startsWith(`${attempt.caller}.`));
  return [...Map.groupBy(own, ({ attempt }) => attempt.caller)].flatMap(([caller, appends]) => {
    const answered = appends.map(({ positions }) => positions[0]!);
    return answered.some((position, n) => n > 0 && position <= answered[n - 1]!) ? [`${caller} was answered out of order`] : [];
  });
};

/** Exported for its test. */
export const compareRows = (rows: readonly Row[], events: readonly StoredEvent[]): string[] => [
  ...(rows.length === events.length ? [] : [`The file has ${rows.length} events, and a reader gets ${events.length}`]),
  ...(new Set(rows.map(({ id }) => id)).size === rows.length ? [] : ['An event id is there twice']),
  ...rows.flatMap(({ position, revision }, n) => {
    const event = events[n];
    return event && (Number(event.position) !== position || event.revision !== revision) ? [`A reader gets ${event.position} where the file has ${position}`] : [];
  }),
  ...events.flatMap(({ position }, n) => (n > 0 && position <= events[n - 1]!.position ? [`Position ${position} does not come after ${events[n - 1]!.position}`] : [])),
  ...[...Map.groupBy(events, ({ stream }) => stream)].flatMap(([stream, ofStream]) =>
    ofStream.every(({ revision }, n) => revision === n) ? [] : [`${stream} does not count its revisions from 0 without a gap`],
  ),
];
