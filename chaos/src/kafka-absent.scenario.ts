import { topics } from '@kendt/contracts';
import { endure, nameParties, partiesIn, sabotages, type State } from './kafka-absent.work.js';
import { onBrokers, placeIn, readTopic } from './kafka.clusters.js';
import type { Checked, Fact, Scenario } from './scenario.js';

const compare = (name: string, state: State, wanted: State): string[] =>
  [...new Set([...Object.keys(state), ...Object.keys(wanted)])].flatMap((id) => {
    const [is, must] = [JSON.stringify(state[id]), JSON.stringify(wanted[id])];
    return is === must ? [] : [`${name}, customer ${id}: ${is ?? 'nothing'} in place of ${must ?? 'nothing'}`];
  });

const check = async (facts: readonly Fact[], folder: string): Promise<Checked> => {
  const [place, { present, absent, brand }] = [placeIn(folder), partiesIn(folder)];
  const story = facts.find(({ is }) => is === 'story') as unknown as { state: State; erased: readonly string[] };
  const complaints = facts.filter(({ is }) => is === 'failed').map(({ system, error }) => `${String(system)} ended: ${String(error)}`);
  for (const [name, system] of [['The one that was there', present], ['The one that was absent', absent]] as const) {
    const fact = facts.find((one) => one.is === 'state' && one['system'] === system);
    complaints.push(...compare(name, fact?.['state'] as State, story.state));
    const answered = new Set((await readTopic(place, topics.erasureReceipts(system))).map(({ key }) => key));
    complaints.push(...story.erased.filter((id) => !answered.has(id)).map((id) => `${name} has not answered the erasure of ${id}`));
  }
  const profiles = await readTopic(place, topics.profiles(brand));
  return { complaints, figures: { 'customers in the end': Object.keys(story.state).length, erased: story.erased.length, 'profiles and tombstones left by compaction': profiles.length } };
};

const onOne = onBrokers(1);

export const absent: Scenario = {
  name: 'kafka:absent',
  about: 'a connector that was absent for a whole run ends in the same state as one that was there, and has answered every erasure',
  times: 2,
  short: 1,
  counted: 'thousand changes',
  sabotages,
  ...onOne,
  prepare: async (folder) => {
    await onOne.prepare(folder);
    nameParties(folder);
  },
  endure,
  check,
};
