import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumer, deterministicId, type EventStore, type OutgoingMessage, randomId, runConsumer, type TopicMessage, type Topics, type Views } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import { SqliteEventStore, SqliteViews } from '@kendt/sqlite';
import { chaosEvent } from './chaos-event.js';
import { type Place, placeIn } from './kafka.clusters.js';
import type { Life } from './scenario.js';

export const sabotages = {
  'commit-first': 'tells the broker that a message is handled before it is',
  'new-ids': 'gives the effect of a message another id when the message comes again',
};

const customers = 60;
/** Whoever was killed is missed soon. */
const timing = { session: 1_000, heartbeat: 200, fetchWait: 50 };

export const topicOf = ({ prefix }: Place): string => `${prefix}.purchases`;

interface Opened {
  readonly store: EventStore;
  readonly views: Views;
  readonly topics: Topics;
  readonly place: Place;
}

const open = async (folder: string): Promise<Opened> => {
  const place = placeIn(folder);
  const topics = KafkaTopics.open({ url: place.url, timing });
  await topics.ensure([{ name: topicOf(place), cleanup: 'delete', retentionMs: 3_600_000, partitions: 3 }]);
  return { store: await SqliteEventStore.open(join(folder, 'events.db')), views: await SqliteViews.open(join(folder, 'views.db')), topics, place };
};

/** Each message becomes one event of its customer, with an id that follows from the message's. */
const consumerOf = ({ store, place }: Opened, sabotage?: string): Consumer => {
  const append = async ({ key, headers, value }: TopicMessage): Promise<void> => {
    const id = sabotage === 'new-ids' ? randomId() : deterministicId(headers['ce_id']!, 'effect');
    await store.append([{ stream: `customer-${key}`, expected: 'any', events: [chaosEvent('Bought', JSON.parse(Buffer.from(value!).toString()) as Record<string, unknown>, id)] }]);
  };
  const handle = sabotage === 'commit-first' ? async (message: TopicMessage) => void sleep(150).then(() => append(message)) : append;
  return { group: `${place.prefix}.group`, topics: [topicOf(place)], atOnce: 48, handle };
};

/** Purchases come in while they are turned into events. */
export const work = async ({ folder, random, sabotage, say }: Life): Promise<void> => {
  const opened = await open(folder);
  void runConsumer(opened, consumerOf(opened, sabotage), new AbortController().signal);
  say({ is: 'ready' });
  for (;;) {
    const messages = Array.from({ length: 1 + Math.floor(random() * 10) }, (): OutgoingMessage => {
      const [key, id] = [String(Math.floor(random() * customers)), randomId()];
      return { topic: topicOf(opened.place), key, value: Buffer.from(JSON.stringify({ message: id })), headers: { ce_id: id } };
    });
    await opened.topics.publish(messages);
    for (const { headers } of messages) say({ is: 'acknowledged', id: headers['ce_id'] });
    await sleep(random() * 10);
  }
};

const finishesWithinMs = 60_000;

/** One more life, which nobody ends before everything is handled. */
export const finish = async (folder: string): Promise<void> => {
  const opened = await open(folder);
  const consumer = consumerOf(opened);
  const { group, topics } = consumer;
  const end = new AbortController();
  const running = runConsumer(opened, consumer, end.signal);
  for (const latest = Date.now() + finishesWithinMs; Date.now() < latest; await sleep(50)) {
    const lag = await opened.topics.lag(group, topics);
    if (lag.every(({ messages }) => messages === 0)) break;
  }
  end.abort();
  await running;
  await Promise.all([opened.store.close(), opened.views.close(), opened.topics.close()]);
};
