import { setTimeout as sleep } from 'node:timers/promises';
import { DeadLetters, type DeadLetterDeps } from './dead-letters.js';
import { type Failure, failureOf } from './failures.js';
import { Lanes } from './lanes.js';
import { Retries } from './retries.js';
import { AsideTopics, isTooLarge } from './set-aside.js';
import type { TopicMessage, Topics } from './topics.port.js';
import { WaitingKeys } from './waiting-keys.js';

/** Turns foreign messages into commands. */
export interface Consumer {
  readonly group: string;
  readonly topics: readonly string[] | RegExp;
  /** How many messages, each of another key, may be handled at once; one unless told. */
  readonly atOnce?: number;
  /** At least once, so it must be idempotent. A Refusal says that the message is wrong, and trying again would not help. */
  readonly handle: (message: TopicMessage) => Promise<void>;
  /** Codes of refusals that time may mend: tried again for a short while before the message is given up. */
  readonly mayCome?: readonly string[];
  /** How long dead letters are kept; 30 days unless told. */
  readonly keepDeadMs?: number;
  /** Messages hold personal data: nothing that stood in one is kept as a dead letter once its customer is erased. */
  readonly personal?: boolean;
}

export interface ConsumerDeps extends DeadLetterDeps {
  readonly topics: Topics;
  /** Whether nothing of this customer may be kept any more. */
  readonly isErased?: (customerId: string) => Promise<boolean>;
}

export interface ConsumeHooks {
  /** Between the tries that hold up the key, in milliseconds. */
  readonly quickDelays?: readonly number[];
  /** Before each later try, while others go on, in milliseconds. */
  readonly retryDelays?: readonly number[];
  /** How long a key is left to whoever took it, who may have died. */
  readonly claimMs?: number;
  /** A message goes to the retry topic. */
  readonly onRetry?: (message: TopicMessage, failure: Failure) => void;
  /** A message is given up. Before it is a dead letter: when this rejects, the message comes again. */
  readonly onDeadLetter?: (message: TopicMessage, failure: Failure) => Promise<void> | void;
}

const tooLarge: Failure = { code: 'MESSAGE_TOO_LARGE', patience: 'none', forbidden: false };

const defaultQuickDelays = [50, 200, 1000];
export const defaultRetryDelays: readonly number[] = [1_000, 5_000, 30_000, 120_000, 600_000];

/**
 * Runs until `signal` aborts. What fails is tried three times more at once; then it goes to `<topic>.<group>.retry`, where it is
 * tried with growing delays and later messages of its key wait behind it; at last to `<topic>.<group>.dlq` (ADR 31).
 */
export const runConsumer = async (deps: ConsumerDeps, consumer: Consumer, signal: AbortSignal, hooks: ConsumeHooks = {}): Promise<void> => {
  const broken = new AbortController();
  const stop = AbortSignal.any([signal, broken.signal]);
  const { handle, retries } = handling(deps, consumer, hooks);
  const consuming = deps.topics.consume({ topics: consumer.topics, group: consumer.group, ...(consumer.atOnce && { atOnce: consumer.atOnce }), signal: stop, handle });
  const parts = [consuming.finally(() => broken.abort()), retries.run(stop)]; // one does not go on without the other
  try {
    await Promise.all(parts);
  } finally {
    broken.abort();
    await Promise.allSettled(parts);
  }
};

const handling = (deps: ConsumerDeps, consumer: Consumer, hooks: ConsumeHooks) => {
  const { quickDelays = defaultQuickDelays, retryDelays = defaultRetryDelays, claimMs, onRetry, onDeadLetter } = hooks;
  const letters = new DeadLetters(deps);
  const dead = {
    add: async (message: TopicMessage, failure: Failure): Promise<void> => {
      await onDeadLetter?.(message, failure);
      const mustGo = consumer.personal && (await deps.isErased?.(message.key));
      await letters.add(consumer.group, message, failure, mustGo ? 'erased' : undefined);
    },
    prune: () => letters.prune(consumer),
  };
  const aside = new AsideTopics(deps.topics);
  const retries = new Retries({ topics: deps.topics, aside, waiting: new WaitingKeys(deps.views, consumer.group, claimMs), dead, consumer, delays: retryDelays });
  const line = new Lanes();
  const handle = async (message: TopicMessage): Promise<void> => {
    if (isTooLarge(message)) return dead.add(message, tooLarge);
    if (await retries.holdBack(message)) return;
    const failure = await attempt(consumer, message, quickDelays, line);
    if (!failure) return;
    if (failure.patience === 'none') return dead.add(message, failure);
    onRetry?.(message, failure);
    await retries.add(message, failure);
  };
  return { handle, retries };
};

/** What only time may mend is not tried at once. What is away is asked for by one message at a time: the others wait in line. */
const attempt = async (consumer: Consumer, message: TopicMessage, delays: readonly number[], line: Lanes): Promise<Failure | undefined> => {
  const failure = await tryOnce(consumer, message);
  if (failure?.patience === 'endless') return line.run(['away'], () => again(consumer, message, [0, ...delays.slice(1)], failure));
  return failure?.patience === 'long' ? again(consumer, message, delays, failure) : failure;
};

const again = async (consumer: Consumer, message: TopicMessage, delays: readonly number[], before: Failure): Promise<Failure | undefined> => {
  let failure: Failure | undefined = before;
  for (const delay of delays) {
    await sleep(delay);
    failure = await tryOnce(consumer, message);
    if (failure?.patience !== 'long' && failure?.patience !== 'endless') return failure;
  }
  return failure;
};

const tryOnce = async (consumer: Consumer, message: TopicMessage): Promise<Failure | undefined> => {
  try {
    await consumer.handle(message);
    return undefined;
  } catch (error) {
    return failureOf(error, consumer.mayCome);
  }
};
