import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { appendToStream, createEventStoreSchema, getSQLiteEventStore, sqliteConnection } from '@event-driven-io/emmett-sqlite';
import { cachedKeys, sealing, type StreamAppend } from '@kendt/eventsourcing';
import { SqliteEventStore, SqliteKeyRing } from '@kendt/sqlite';
import { eventsPerCustomer, rateOf, rawFile, rawRate, rowsOf, storeRate, type Work, workOf } from './appends.js';
import { type Bench, median, type Row, type Run } from './bench.js';

const callerCounts = [8, 64, 512];

interface Sizes {
  readonly ours: number;
  readonly peer: number;
}

const sizesOf = (quick: boolean, callers: number): Sizes => ({ ours: (quick ? 10_000 : 40_000) * (callers < 64 ? 0.5 : 1), peer: quick ? 400 : 1500 });

const raw = async (run: Run, works: readonly Work[], callers: number): Promise<number> => {
  const db = await rawFile(run.folder());
  const rate = await rawRate(db, rowsOf(works), callers);
  db.close();
  return rate;
};

const plain = async (run: Run, works: readonly Work[]): Promise<number> => {
  const store = await SqliteEventStore.open(join(run.folder(), 'events.db'));
  const rate = await storeRate(store, works);
  await store.close();
  return rate;
};

const sealed = async (run: Run, works: readonly Work[]): Promise<number> => {
  const folder = run.folder();
  const store = await SqliteEventStore.open(join(folder, 'events.db'));
  const keys = await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey: randomBytes(32) });
  const rate = await storeRate(sealing(store, cachedKeys(keys)), works);
  await Promise.all([store.close(), keys.close()]);
  return rate;
};

const forPeer = ({ events }: StreamAppend): { type: string; data: Record<string, unknown>; metadata: Record<string, unknown> }[] =>
  events.map(({ type, data, metadata }) => ({ type, data: { ...data }, metadata: { ...metadata } }));

/** One at a time: its appends at the same time share one transaction and answer before it is committed. */
const inTurn = (append: (one: StreamAppend) => Promise<unknown>) => {
  let turn: Promise<unknown> = Promise.resolve();
  return (one: StreamAppend): Promise<unknown> => (turn = turn.then(() => append(one)));
};

const versionOf = ({ expected }: StreamAppend): { expectedStreamVersion: bigint | 'STREAM_DOES_NOT_EXIST' } => ({
  expectedStreamVersion: expected === 'none' ? 'STREAM_DOES_NOT_EXIST' : BigInt(expected) + 1n,
});

const peer = async (run: Run, works: readonly Work[]): Promise<number> => {
  const store = getSQLiteEventStore({ fileName: join(run.folder(), 'peer.db') });
  return rateOf(inTurn((one) => store.appendToStream(one.stream, forPeer(one), versionOf(one))), works);
};

/** Below its public face, which opens and closes the file for every append. */
const peerKeptOpen = async (run: Run, works: readonly Work[]): Promise<number> => {
  const connection = sqliteConnection({ fileName: join(run.folder(), 'peer.db') });
  await createEventStoreSchema(connection);
  const rate = await rateOf(inTurn((one) => appendToStream(connection, one.stream, 'customer', forPeer(one), versionOf(one))), works);
  connection.close();
  return rate;
};

interface Case {
  readonly name: string;
  readonly goal?: string;
  readonly what: string;
  readonly once: (run: Run) => Promise<readonly [ours: number, theirs: number]>;
}

const rawIs = 'rows made beforehand, one transaction for as many as there are callers, synchronous=FULL, equal table and indexes, checkpoint every 1000 pages';
const emmett = 'emmett-sqlite (better-sqlite3 in place of sqlite3)';

const casesOf = (quick: boolean, callers: number): Case[] => {
  const { ours, peer: few } = sizesOf(quick, callers);
  const works = (appends: number, personal = false): Work[] => workOf({ callers, appends, personal });
  const against = async (run: Run, theirs: typeof peer): Promise<readonly [number, number]> => [await plain(run, works(ours)), await theirs(run, works(few))];
  return [
    {
      name: `plain, ${callers} callers`, goal: '>= 0.8', what: 'raw group commit',
      once: async (run) => [await plain(run, works(ours)), await raw(run, works(ours), callers)],
    },
    {
      name: `sealed, ${callers} callers`, goal: '>= 0.5', what: 'raw group commit',
      once: async (run) => [await sealed(run, works(ours, true)), await raw(run, works(ours, true), callers)],
    },
    { name: `plain, ${callers} callers`, goal: '>= 20', what: emmett, once: (run) => against(run, peer) },
    { name: `plain, ${callers} callers`, what: `${emmett}, connection kept open`, once: (run) => against(run, peerKeptOpen) },
  ];
};

const measure = async (run: Run, { name, goal, what, once }: Case, tick: (what: string) => void): Promise<Row> => {
  const pairs: (readonly [number, number])[] = [];
  for (let n = 0; n < run.repetitions; n++) {
    tick(name);
    pairs.push(await once(run));
  }
  const [value, theirs, ratio] = [pairs.map(([ours]) => ours), pairs.map(([, other]) => other), pairs.map(([ours, other]) => ours / other)].map(median);
  return { case: name, value: value!, unit: '/s', against: { what, value: theirs! }, ratio: ratio!, ...(goal && { goal }) };
};

export const append: Bench = {
  name: 'append',
  about: 'how many appends of one event a second, each answered when it is on disk',
  run: async (run) => {
    const cases = callerCounts.flatMap((callers) => casesOf(run.quick, callers));
    const rows: Row[] = [];
    let done = 0;
    for (const one of cases) rows.push(await measure(run, one, () => run.progress('measuring', done++, cases.length * run.repetitions)));
    return { parameters: { repetitions: run.repetitions, appends: sizesOf(run.quick, 64).ours, 'appends of the peer': sizesOf(run.quick, 64).peer, 'events per customer': eventsPerCustomer, 'raw group commit': rawIs }, rows };
  },
};
