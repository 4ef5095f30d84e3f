import { join } from 'node:path';
import { onBrokers, placeIn, readTopic } from './kafka.clusters.js';
import { finish, sabotages, topicOf, work } from './kafka-consumer.work.js';
import type { Checked, Fact, Scenario } from './scenario.js';
import { storedEvents } from './stored-events.js';

/** The messages whose effects stand in the store, by customer and in order. */
const effectsByKey = (folder: string): Map<string, string[]> =>
  new Map([...storedEvents(join(folder, 'events.db'))].map(([key, all]) => [key, all.map(({ data }) => (data as { message: string }).message)]));

/** Each message once and in order; what the producer sent twice, at its first place. */
const compare = (key: string, wanted: readonly string[], found: readonly string[]): string[] => {
  const [missing, known] = [wanted.filter((id) => !found.includes(id)), new Set(wanted)];
  const strangers = found.filter((id) => !known.has(id));
  const complaints = [...missing.map((id) => `${key}: ${id} has no effect`), ...strangers.map((id) => `${key}: ${id} has an effect and is not on the topic`)];
  if (new Set(found).size < found.length) complaints.push(`${key}: ${found.length - new Set(found).size} messages had their effect more than once`);
  else if (complaints.length === 0 && found.some((id, place) => id !== wanted[place])) complaints.push(`${key}: effects are not in the order of the messages`);
  return complaints;
};

const check = async (facts: readonly Fact[], folder: string): Promise<Checked> => {
  const inTheirLives = [...effectsByKey(folder).values()].flat().length;
  await finish(folder);
  const place = placeIn(folder);
  const read = await readTopic(place, topicOf(place));
  const wanted = new Map([...Map.groupBy(read, ({ key }) => key)].map(([key, all]) => [key, [...new Set(all.map(({ headers }) => headers['ce_id'] ?? ''))]]));
  const found = effectsByKey(folder);
  const onTopic = new Set([...wanted.values()].flat());
  const acknowledged = facts.filter(({ is }) => is === 'acknowledged').map(({ id }) => String(id));
  const complaints = [...new Set([...wanted.keys(), ...found.keys()])].flatMap((key) => compare(key, wanted.get(key) ?? [], found.get(key) ?? []));
  complaints.push(...acknowledged.filter((id) => !onTopic.has(id)).map((id) => `${id} was acknowledged and is not on the topic`));
  return { complaints, figures: { 'messages acknowledged': acknowledged.length, 'on the topic': read.length, 'events in the store': [...found.values()].flat().length, 'of them before the last life': inTheirLives } };
};

export const consumer: Scenario = {
  name: 'kafka:consumer',
  about: 'every message is handled, and its effect is in the streams exactly once, in order per customer',
  times: 15,
  short: 4,
  longestLifeMs: 2_500,
  killedWhileStarting: true,
  sabotages,
  ...onBrokers(1),
  work,
  check,
};
