// A process of its own, started by one-publisher.int.test.ts: publishes while it holds the lease, and says whether it does.
// publisher.examples.ts <folder> <name>
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { follow, keyOf, Lease, publishing } from '@kendt/eventsourcing';
import { SqliteEventStore } from './event-store.sqlite.js';
import { SqliteTopics } from './topics.sqlite.js';
import { SqliteViews } from './views.sqlite.js';

const [, , folder = '', name = ''] = process.argv;

const run = async (): Promise<void> => {
  const [store, views, topics] = [await SqliteEventStore.open(join(folder, 'events.db')), await SqliteViews.open(join(folder, 'views.db')), await SqliteTopics.open(join(folder, 'topics.db'))];
  const lease = new Lease(views, 'publishers', { owner: name, ttlMs: 1500, renewMs: 100, lookMs: 50 });
  const publisher = publishing(topics, {
    name: 'publish',
    categories: ['word'],
    topics: ['words'],
    map: ({ id, stream, revision }) => [{ topic: 'words', key: keyOf(stream), value: Buffer.from(String(revision)), headers: { ce_id: id, by: name } }],
  });
  const following = follow({ store, views }, publisher, { lease });
  const stopping = new AbortController();
  process.once('SIGTERM', () => stopping.abort());
  process.once('SIGUSR2', () => process.kill(process.pid, 'SIGSTOP')); // from the event loop, where no file is locked: the others must go on
  for (let said = ''; !stopping.signal.aborted; await sleep(10)) {
    const state = lease.tenure && following.caughtUp ? `acts ${lease.tenure.fence}` : following.standsBy ? 'stands by' : said;
    if (state !== said) writeSync(1, `${state}\n`);
    said = state;
  }
  await following.stop();
  await lease.release();
  for (const port of [topics, views, store]) await port.close();
};

void run();
