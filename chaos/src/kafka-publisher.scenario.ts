import { join } from 'node:path';
import { onBrokers, placeIn, readTopic } from './kafka.clusters.js';
import { finish, sabotages, topicOf, work } from './kafka-publisher.work.js';
import { compareMessages } from './message-order.js';
import type { Checked, Fact, Scenario } from './scenario.js';
import { storedEvents } from './stored-events.js';

const check = async (facts: readonly Fact[], folder: string): Promise<Checked> => {
  const left = await finish(folder);
  const place = placeIn(folder);
  const wanted = new Map([...storedEvents(join(folder, 'events.db'))].map(([key, all]) => [key, all.map(({ id, data }) => ({ id, value: JSON.stringify(data) }))]));
  const read = await readTopic(place, topicOf(place));
  const { complaints, again } = compareMessages(read, wanted);
  const acknowledged = facts.filter(({ is }) => is === 'acknowledged').length;
  const figures = { 'events in the store': [...wanted.values()].flat().length, 'appends acknowledged': acknowledged, 'messages on the topic': read.length, 'of them again': again, 'events left for the last life': left };
  return { complaints, figures };
};

export const publisher: Scenario = {
  name: 'kafka:publisher',
  about: 'every event is on the topic, in order per customer, and what came twice has the same id',
  times: 15,
  short: 4,
  processes: 2,
  longestLifeMs: 1_500,
  killedWhileStarting: true,
  sabotages,
  ...onBrokers(1),
  work,
  check,
};
