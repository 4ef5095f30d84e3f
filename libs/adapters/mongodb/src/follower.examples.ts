// A process of its own, started by leases.engine.test.ts: follows a log while it holds the lease, and says whether it does.
// follower.examples.ts <url> <name>; the password is in the environment.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { deterministicId, follow, Lease, MemoryEventStore } from '@kendt/eventsourcing';
import { MongoViews } from './views.mongodb.js';

const [, , url = '', name = ''] = process.argv;

const run = async (): Promise<void> => {
  const views = await MongoViews.open({ url, resolve: (reference) => process.env[reference.slice('env:'.length)] ?? '' });
  const lease = new Lease(views, 'publishers', { owner: name });
  const store = new MemoryEventStore();
  const following = follow({ store, views }, { name: 'publish', categories: ['word'], handle: async () => undefined }, { lease });
  for (let n = 0, said = ''; ; n++, await sleep(20)) {
    const id = deterministicId('word', String(n));
    const metadata = { commandId: id, correlationId: id, causationId: id, actorKind: 'system', actorId: 'test', recordedAt: new Date().toISOString(), schemaVersion: '1' } as const;
    await store.append([{ stream: 'word-ida', expected: 'any', events: [{ id, type: 'WordSaid', data: {}, metadata }] }]);
    const state = lease.tenure && !following.standsBy ? `acts ${lease.tenure.fence}` : following.standsBy ? 'stands by' : said;
    if (state !== said) writeSync(1, `${state}\n`);
    said = state;
  }
};

void run();
