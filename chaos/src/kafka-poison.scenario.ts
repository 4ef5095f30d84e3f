import { onBrokers, placeIn, readTopic } from './kafka.clusters.js';
import { deadTopicOf, endure, reason, sabotages, topicOf } from './kafka-poison.work.js';
import type { Checked, Fact, Scenario } from './scenario.js';

interface Handled {
  readonly id: string;
  readonly key: string;
  readonly number: number;
  readonly after: 'at first' | 'redrive';
}

const inOrder = (handled: readonly Handled[]): string[] =>
  [...Map.groupBy(handled, ({ key }) => key)].flatMap(([key, all]) => {
    const numbers = [...new Set(all.map(({ number }) => number))];
    return numbers.some((number, place) => place > 0 && number < numbers[place - 1]!) ? [`${key}: handled in another order (${all[0]!.after})`] : [];
  });

const check = async (facts: readonly Fact[], folder: string): Promise<Checked> => {
  const place = placeIn(folder);
  const sent = await readTopic(place, topicOf(place));
  const poison = new Map(sent.filter(({ headers }) => headers['poison'] === 'yes').map(({ partition, offset, headers }) => [`${partition}/${offset}`, headers['ce_id']!]));
  // A tombstone takes a letter away once it was sent again; before compaction both lie there.
  const letters = (await readTopic(place, deadTopicOf(place))).filter(({ value }) => value !== null);
  const handled = facts.filter(({ is }) => is === 'handled') as unknown as Handled[];
  const [first, redriven] = (['at first', 'redrive'] as const).map((after) => handled.filter((one) => one.after === after)) as [Handled[], Handled[]];
  const [firstIds, laterIds, poisonIds] = [new Set(first.map(({ id }) => id)), new Set(redriven.map(({ id }) => id)), new Set(poison.values())];
  const complaints = sent.map(({ headers }) => headers['ce_id']!).filter((id) => !poisonIds.has(id) && !firstIds.has(id)).map((id) => `${id} was never handled`);
  const found = new Map(letters.map(({ headers }) => [`${headers['kendt-partition']}/${headers['kendt-offset']}`, headers['kendt-reason']]));
  for (const [at, id] of poison) {
    if (!found.has(at)) complaints.push(`${id} is poison and no dead letter`);
    else if (found.get(at) !== reason) complaints.push(`${id} is a dead letter for ${found.get(at)}, not ${reason}`);
    if (!laterIds.has(id)) complaints.push(`${id} was not handled after it was sent again`);
  }
  for (const at of found.keys()) if (!poison.has(at)) complaints.push(`The message at ${at} is a dead letter and no poison`);
  complaints.push(...inOrder(first), ...inOrder(redriven));
  return { complaints, figures: { messages: sent.length, 'of them poison': poison.size, 'dead letters': found.size, 'handled at first': firstIds.size, 'handled after redrive': laterIds.size } };
};

export const poison: Scenario = {
  name: 'kafka:poison',
  about: 'all others are handled; each poison message is a dead letter with its reason; sent again after a mend all are handled, in order per customer',
  times: 2,
  short: 1,
  counted: 'thousand messages',
  sabotages,
  ...onBrokers(1),
  endure,
  check,
};
