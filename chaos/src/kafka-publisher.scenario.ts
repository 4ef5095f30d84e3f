import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { nameOnCluster, placeIn, readTopic, stopClusters } from './kafka.clusters.js';
import { finish, sabotages, topicOf, work } from './kafka-publisher.work.js';
import { compareMessages } from './message-order.js';
import type { Checked, Fact, Scenario } from './scenario.js';

type Said = { id: string; value: string }[];

/** What must be on the topic: the rows of the store, by customer. */
const eventsByKey = (file: string): Map<string, Said> => {
  const db = new DatabaseSync(file, { readOnly: true });
  const byKey = new Map<string, Said>();
  for (const row of db.prepare('SELECT stream, id, data FROM events ORDER BY position').iterate() as Iterable<Record<string, string>>) {
    const key = row['stream']!.slice('customer-'.length);
    byKey.set(key, [...(byKey.get(key) ?? []), { id: row['id']!, value: JSON.stringify(JSON.parse(row['data']!)) }]);
  }
  db.close();
  return byKey;
};

const check = async (facts: readonly Fact[], folder: string): Promise<Checked> => {
  await finish(folder);
  const place = placeIn(folder);
  const wanted = eventsByKey(join(folder, 'events.db'));
  const read = await readTopic(place, topicOf(place));
  const { complaints, again } = compareMessages(read, wanted);
  const acknowledged = facts.filter(({ is }) => is === 'acknowledged').length;
  return { complaints, figures: { 'events in the store': [...wanted.values()].flat().length, 'appends acknowledged': acknowledged, 'messages on the topic': read.length, 'of them again': again } };
};

export const publisher: Scenario = {
  name: 'kafka:publisher',
  about: 'every event is on the topic, in order per customer, and what came twice has the same id',
  times: 15,
  longestLifeMs: 900,
  killedWhileStarting: true,
  sabotages,
  prepare: (folder) => nameOnCluster(folder),
  release: stopClusters,
  work,
  check,
};
