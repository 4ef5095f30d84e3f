// A process of its own, started by processes.int.test.ts: appends, and tells of every answer it got.
import { writeSync } from 'node:fs';
import { deterministicId, readAll, RevisionConflict } from '@kendt/eventsourcing';
import { SqliteEventStore } from './event-store.sqlite.js';

const [, , file = '', name = '', count = '0'] = process.argv;

/** Ten at a time, as requests come; every tenth goes to a stream that all processes fight for. */
const run = async (): Promise<void> => {
  const store = await SqliteEventStore.open(file);
  const numbers = Array.from({ length: Number(count) }, (_, n) => n);
  while (numbers.length > 0) await Promise.all(numbers.splice(0, 10).map((n) => append(store, n)));
  await store.close();
};

const append = async (store: SqliteEventStore, n: number): Promise<void> => {
  const id = deterministicId(name, String(n));
  const stream = n % 10 === 0 ? 'word-shared' : `word-${name}-${n}`;
  const metadata = { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: name, recordedAt: new Date().toISOString(), schemaVersion: '1' } as const;
  for (;;) {
    const last = (await readAll(store, stream, { direction: 'backwards', limit: 1 }))[0]?.revision;
    try {
      await store.append([{ stream, expected: last ?? 'none', events: [{ id, type: 'WordSaid', data: { name, n }, metadata }] }]);
      return void writeSync(1, `${id}\n`);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
    }
  }
};

void run();
