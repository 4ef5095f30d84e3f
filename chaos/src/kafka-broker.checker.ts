import { type Place, readTopic } from './kafka.clusters.js';
import { topicOf } from './kafka-broker.work.js';
import { compareMessages } from './message-order.js';
import type { Checked, Fact } from './scenario.js';

const backWithinMs = 10_000;

interface Said {
  readonly is: string;
  readonly key: string;
  readonly number: number;
  readonly at: number;
  readonly id: string;
  readonly value: string;
}

/** What was said, by caller. */
const byKey = (facts: readonly Fact[], is: string): Map<string, Said[]> => {
  const said = new Map<string, Said[]>();
  for (const fact of facts as unknown as readonly Said[]) if (fact.is === is) said.set(fact.key, [...(said.get(fact.key) ?? []), fact]);
  return said;
};

/** In order for each caller, without a gap; again is allowed. */
const compareHandled = (handled: ReadonlyMap<string, readonly Said[]>, wanted: ReadonlyMap<string, readonly Said[]>): string[] =>
  [...wanted].flatMap(([key, all]) => {
    let due = 1;
    for (const { number } of handled.get(key) ?? []) {
      if (number > due) return [`${key}: ${number} was handled where ${due} was due`];
      if (number === due) due++;
    }
    return due <= all.length ? [`${key}: ${all.length - due + 1} messages were never handled`] : [];
  });

/** How long it took every caller, and the group for every key, to go on. */
const pauses = (facts: readonly Fact[], said: readonly ReadonlyMap<string, readonly Said[]>[]): number[] =>
  facts.filter(({ is }) => is === 'could-go-on').map(({ at }) => {
    const since = Number(at);
    return Math.max(...said.flatMap((one) => [...one.values()].map((all) => (all.find((each) => each.at > since)?.at ?? Infinity) - since)));
  });

export const checkBroker = async (facts: readonly Fact[], place: Place): Promise<Checked> => {
  const [attempts, acknowledged, handled] = ['attempt', 'acknowledged', 'handled'].map((is) => byKey(facts, is)) as [Map<string, Said[]>, Map<string, Said[]>, Map<string, Said[]>];
  const read = await readTopic(place, topicOf(place));
  const { complaints, again } = compareMessages(read, attempts);
  const slow = pauses(facts, [acknowledged, handled]);
  const late = slow.filter((ms) => ms > backWithinMs).map((ms) => `It went on ${(ms / 1000).toFixed(1)} s after it could, not within ${backWithinMs / 1000} s`);
  return {
    complaints: [...complaints, ...compareHandled(handled, attempts), ...late],
    figures: {
      'messages sent': [...attempts.values()].flat().length,
      'on the topic': read.length,
      'of them again': again,
      handled: [...handled.values()].flat().length,
      'ms until all went on, at most': Math.round(Math.max(...slow)),
    },
  };
};
