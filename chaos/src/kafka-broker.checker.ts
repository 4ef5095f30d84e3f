import type { Read } from './kafka.clusters.js';
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

type ByCaller = ReadonlyMap<string, readonly Said[]>;

const byCaller = (facts: readonly Fact[], is: string): ByCaller => Map.groupBy((facts as unknown as readonly Said[]).filter((fact) => fact.is === is), ({ key }) => key);

/** In order for each caller, without a gap; again is allowed. */
const compareHandled = (handled: ByCaller, wanted: ByCaller): string[] =>
  [...wanted].flatMap(([key, all]) => {
    let due = 1;
    for (const { number } of handled.get(key) ?? []) {
      if (number > due) return [`${key}: ${number} was handled where ${due} was due`];
      if (number === due) due++;
    }
    return due <= all.length ? [`${key}: ${all.length - due + 1} messages were never handled`] : [];
  });

/** How long it took every caller, and the group for every key, to go on. */
const pauses = (facts: readonly Fact[], callers: readonly string[], said: readonly ByCaller[]): number[] =>
  facts.filter(({ is }) => is === 'could-go-on').map(({ at }) => {
    const since = Number(at);
    return Math.max(...said.flatMap((one) => callers.map((key) => (one.get(key)?.find((each) => each.at > since)?.at ?? Infinity) - since)));
  });

/** Compares what callers and the group said with what the topic holds. */
export const checkBroker = (facts: readonly Fact[], read: readonly Read[]): Checked => {
  const [attempts, acknowledged, handled] = ['attempt', 'acknowledged', 'handled'].map((is) => byCaller(facts, is)) as [ByCaller, ByCaller, ByCaller];
  const { complaints, again } = compareMessages(read, attempts);
  const slow = pauses(facts, [...attempts.keys()], [acknowledged, handled]);
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
