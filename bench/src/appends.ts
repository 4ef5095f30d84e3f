import { join } from 'node:path';
import { deterministicId, type EventStore, type NewEvent, randomId, type StreamAppend } from '@kendt/eventsourcing';
import { SqliteEventStore } from '@kendt/sqlite';
import Database from 'better-sqlite3';

/** One caller's work: customers one after the other, a few events each, every event an append of its own. */
export type Work = readonly StreamAppend[];

export const eventsPerCustomer = 5;
const at = '2026-03-01T09:00:00.000Z';

const metadata = (commandId: string, actorId: string): NewEvent['metadata'] => ({
  commandId, correlationId: commandId, causationId: commandId, actorKind: 'customer', actorId, channel: 'web', brand: 'fjord', recordedAt: at, schemaVersion: '1',
});

const granted = (customer: string, n: number): NewEvent => {
  const commandId = deterministicId(customer, String(n));
  return {
    id: deterministicId(commandId, '0'),
    type: 'ConsentGranted',
    data: { purposeId: 'newsletter', brandId: 'fjord', noticeVersion: n + 1, channel: 'web', grantedAt: at },
    metadata: metadata(commandId, customer),
  };
};

const contact = { name: 'Ida Lind', email: 'ida.lind@example.org', phone: '+45 20 12 34 56', address: { street: 'Havnegade 7, 2. tv', postcode: '5000', city: 'Odense C', country: 'DK' } };

export interface WorkOptions {
  readonly callers: number;
  readonly appends: number;
  /** Whether every event has something to be sealed. */
  readonly personal?: boolean;
}

/** New customers, with ids as Kendt gives them: those of customers in the order of time, those of events anywhere. */
export const workOf = ({ callers, appends, personal = false }: WorkOptions): Work[] => {
  const each = Math.ceil(appends / callers);
  const customers = Array.from({ length: callers * Math.ceil(each / eventsPerCustomer) }, randomId);
  return Array.from({ length: callers }, (_, caller) =>
    Array.from({ length: each }, (_, n) => {
      const customer = customers[Math.floor(n / eventsPerCustomer) * callers + caller]!;
      const revision = n % eventsPerCustomer;
      const event = granted(customer, revision);
      return { stream: `customer-${customer}`, expected: revision === 0 ? 'none' : revision - 1, events: [personal ? { ...event, personal: { contact } } : event] };
    }),
  );
};

/** First events of customers only: none waits for another. */
export const independent = (count: number): StreamAppend[] => workOf({ callers: count, appends: count }).flat();

export const secondsOf = async (work: () => unknown): Promise<number> => {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
};

/** Appends per second, every caller waiting for each answer. */
export const rateOf = async (append: (one: StreamAppend) => Promise<unknown>, works: readonly Work[]): Promise<number> => {
  const call = async (work: Work): Promise<void> => {
    for (const one of work) await append(one);
  };
  return works.flat().length / (await secondsOf(() => Promise.all(works.map(call))));
};

/** The first append starts the thread that writes; that is a process's first moment, and not measured. */
export const storeRate = async (store: EventStore, works: readonly Work[]): Promise<number> => {
  for (const one of workOf({ callers: 1, appends: 1 })[0]!) await store.append([one]);
  return rateOf((one) => store.append([one]), works);
};

type Row = readonly [stream: string, revision: number, category: string, id: string, type: string, metadata: string, data: string, personal: string | null];

export const insertSql = 'INSERT INTO events (stream, revision, category, id, type, metadata, data, personal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';

/** As a sealed group stands in the store: nonce, tag and ciphertext in base64. */
const sealedText = (value: object): string => JSON.stringify({ contact: { sealed: Buffer.alloc(28 + JSON.stringify(value).length, 7).toString('base64') } });

/** The same rows, made beforehand: caller by caller in turn, as they would come. */
export const rowsOf = (works: readonly Work[]): Row[] =>
  works[0]!.flatMap((_, n) =>
    works.flatMap((work): Row[] => {
      const { stream, expected, events: [event] } = work[n]!;
      const { id, type, data, metadata, personal } = event!;
      return [[stream, expected === 'none' ? 0 : Number(expected) + 1, 'customer', id, type, JSON.stringify(metadata), JSON.stringify(data), personal ? sealedText(contact) : null]];
    }),
  );

/** better-sqlite3 alone, on a file that the event store has made: an equal table with equal indexes. SQLite's own checkpoints, every 1000 pages. */
export const rawFile = async (folder: string): Promise<Database.Database> => {
  const file = join(folder, 'raw.db');
  await (await SqliteEventStore.open(file)).close();
  const db = new Database(file);
  db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768');
  return db;
};

/** Rows per second in transactions of `together` rows. */
export const rawRate = async (db: Database.Database, rows: readonly Row[], together: number): Promise<number> => {
  const [begin, insert, commit] = ['BEGIN IMMEDIATE', insertSql, 'COMMIT'].map((sql) => db.prepare(sql));
  const seconds = await secondsOf(() => {
    for (let n = 0; n < rows.length; n += together) {
      begin!.run();
      for (const row of rows.slice(n, n + together)) insert!.run(...row);
      commit!.run();
    }
  });
  return rows.length / seconds;
};
