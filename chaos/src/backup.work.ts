import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { TopicLog } from '@kendt/connector';
import { type EventStore, follow, type NewEvent, project, publishing, sealing } from '@kendt/eventsourcing';
import { SqliteEventStore, SqliteKeyRing, SqliteTopics, SqliteViews } from '@kendt/sqlite';
import type { Life } from './scenario.js';

/** Databases begin anew now and then, so that a thousand lives do not make checking a thousand times longer. */
const livesPerEra = 20;
export const eraOf = (number: number): string => `era-${Math.floor((number - 1) / livesPerEra)}`;

export const keyEncryptionKey = Buffer.alloc(32, 7);
export const countsView = 'counts@1';
export const publisherName = 'publish-words';
export const topic = 'words';
export const notesGroup = 'notes';

export interface Count {
  readonly count: number;
}

const customers = 40;
const metadata = (id: string): NewEvent['metadata'] => ({ commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'chaos', recordedAt: new Date().toISOString(), schemaVersion: '1' });

/** Appends sealed events, keeps a view, publishes, takes messages back in; and has backups taken by another process meanwhile. */
export const work = async (life: Life, takerMark: string): Promise<void> => {
  const folder = join(life.folder, eraOf(life.number));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const taker = spawn(process.execPath, process.argv.slice(1), { env: { ...process.env, [takerMark]: '1' }, stdio: ['pipe', 'pipe', 'inherit'] });
  const events = sealing(await SqliteEventStore.open(join(folder, 'events.db')), await SqliteKeyRing.open({ file: join(folder, 'keys.db'), keyEncryptionKey }));
  await followAll(events, folder);
  void consume(events, join(folder, 'topics.db'));
  const acknowledged = { position: '' };
  void appendAll(life, events, acknowledged);
  await orderBackups(life, taker, acknowledged);
};

const appendAll = async (life: Life, events: EventStore, acknowledged: { position: string }): Promise<void> => {
  for (let n = 0; ; n++) await Promise.all(Array.from({ length: 1 + Math.floor(life.random() * 8) }, (_, m) => appendOne(life, events, `${life.number}-${n}-${m}`, acknowledged)));
};

const appendOne = async (life: Life, events: EventStore, id: string, acknowledged: { position: string }): Promise<void> => {
  const stream = `customer-${eraOf(life.number)}-${Math.floor(life.random() * customers)}`;
  const { position } = await events.append([{ stream, expected: 'any', events: [{ id, type: 'WordSaid', data: {}, personal: { contact: { word: 'x'.repeat(life.random() * 400) } }, metadata: metadata(id) }] }]);
  life.say({ is: 'appended', era: eraOf(life.number), id, position });
  if (position > acknowledged.position) acknowledged.position = position;
};

const followAll = async (store: EventStore, folder: string): Promise<void> => {
  const [views, topics] = [await SqliteViews.open(join(folder, 'views.db')), await SqliteTopics.open(join(folder, 'topics.db'))];
  await topics.ensure([{ name: topic, cleanup: 'delete' }]);
  const counts = await views.open<Count>({ name: countsView });
  follow({ store, views }, {
    name: countsView, categories: ['customer'],
    handle: (event) => project(counts, event.stream, event, (before) => ({ count: (before?.count ?? 0) + 1 })),
  });
  follow({ store, views }, publishing(topics, {
    name: publisherName, categories: ['customer'], topics: [topic],
    map: ({ id, stream }) => [{ topic, key: stream, value: Buffer.from(id), headers: { id } }],
  }));
};

/** What a consumer does: a message becomes an event, and then its offset is committed. Without a lease, which a kill would hold for ten seconds. */
const consume = async (store: EventStore, file: string): Promise<void> => {
  const log = TopicLog.open(file);
  for (;;) {
    for (const { headers, offset } of log.poll({ topics: [topic], group: notesGroup, limit: 20 })) {
      const id = `note-${headers['id']}`;
      await store.append([{ stream: id, expected: 'any', events: [{ id, type: 'WordNoted', data: {}, metadata: metadata(id) }] }]);
      log.commit(notesGroup, topic, 0, offset);
    }
    await sleep(5);
  }
};

/** Shares of lives that end only after a first backup: on a busy machine hardly one would come to its end otherwise. */
const withOneWhole = 0.6;

/** One after the other, with what was acknowledged before each of them noted first. */
const orderBackups = async (life: Life, taker: ChildProcess, acknowledged: { position: string }): Promise<void> => {
  const era = eraOf(life.number);
  const lines = createInterface({ input: taker.stdout! })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => ((await lines.next()) as { value: string }).value;
  await answer(); // it is up
  const order = async (): Promise<void> => {
    const at = new Date().toISOString();
    life.say({ is: 'backup-ordered', era, at, acknowledged: acknowledged.position });
    taker.stdin!.write(`${at}\n`);
    life.say({ is: 'backup-answered', era, at, answer: await answer() });
    await sleep(life.random() * 20);
  };
  if (life.random() < withOneWhole) await order();
  life.say({ is: 'ready' });
  for (;;) await order();
};
