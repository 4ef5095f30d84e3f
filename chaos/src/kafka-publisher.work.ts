import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { follow, type Following, keyOf, Lease, type OutgoingMessage, publishing, randomId, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import { SqliteEventStore, SqliteViews } from '@kendt/sqlite';
import { chaosEvent } from './chaos-event.js';
import { type Place, placeIn } from './kafka.clusters.js';
import type { Life } from './scenario.js';

export const sabotages = {
  'checkpoint-first': 'moves the checkpoint before the broker has acknowledged',
  'new-ids': 'gives a message another id when it is sent again',
  backwards: 'sends what it has in hand in another order',
};

const customers = 100;
const name = 'publisher@1';

export const topicOf = ({ prefix }: Place): string => `${prefix}.events`;

const toMessage = (topic: string, sabotage: string) => ({ id, stream, data }: StoredEvent): OutgoingMessage[] => [
  { topic, key: keyOf(stream), value: Buffer.from(JSON.stringify(data)), headers: { ce_id: sabotage === 'new-ids' ? randomId() : id } },
];

type Publish = Pick<Topics, 'publish'>;

const broken: Readonly<Record<string, (topics: Publish) => Publish>> = {
  'checkpoint-first': (topics) => ({ publish: async (messages) => void sleep(120).then(() => topics.publish(messages)) }),
  backwards: (topics) => ({ publish: (messages) => topics.publish(messages.toReversed()) }),
};

/** Whoever stands by takes over within a life. */
const times = { ttlMs: 600, renewMs: 150, lookMs: 50 };

interface Opened {
  readonly store: SqliteEventStore;
  readonly topics: Topics;
  readonly following: Following;
}

const open = async (folder: string, owner: string, sabotage = ''): Promise<Opened> => {
  const place = placeIn(folder);
  const [store, views] = [await SqliteEventStore.open(join(folder, 'events.db')), await SqliteViews.open(join(folder, 'views.db'))];
  const topics = KafkaTopics.open({ url: place.url });
  const topic = topicOf(place);
  await topics.ensure([{ name: topic, cleanup: 'delete', retentionMs: 3_600_000, partitions: 3 }]);
  const publisher = { name, categories: ['customer'], topics: [topic], map: toMessage(topic, sabotage) };
  const lease = new Lease(views, 'publisher', { owner, ...times });
  const following = follow({ store, views }, publishing(broken[sabotage]?.(topics) ?? topics, publisher), { lease });
  return { store, topics, following };
};

const ownerOf = (process: number): string => `process-${process}`;

/** Commands run while their events are published, by one of the processes at a time. */
export const work = async ({ folder, process, random, sabotage, say }: Life): Promise<void> => {
  const { store } = await open(folder, ownerOf(process), sabotage);
  say({ is: 'ready' });
  for (;;) {
    const appends = Array.from({ length: 1 + Math.floor(random() * 20) }, () => `customer-${Math.floor(random() * customers)}`);
    const { position } = await store.append([...new Set(appends)].map((stream) => ({ stream, expected: 'any' as const, events: [chaosEvent('Counted', { amount: Math.floor(random() * 1000) })] })));
    say({ is: 'acknowledged', position });
    await sleep(random() * 4);
  }
};

/** One more life, which nobody ends before everything is published. Gives how many events were left for it. */
export const finish = async (folder: string): Promise<number> => {
  const { store, topics, following } = await open(folder, ownerOf(0));
  const { position } = await store.append([]);
  await following.waitFor(position, 60_000);
  await following.stop();
  await Promise.all([store.close(), topics.close()]);
  return following.takenCount;
};
