import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '@kendt/kernel';
import type { TopicMessage, Topics } from './topics.port.js';

/** Turns foreign messages into commands. */
export interface Consumer {
  readonly group: string;
  readonly topics: readonly string[] | RegExp;
  /** A Refusal says that the message is wrong, and trying again would not help. */
  readonly handle: (message: TopicMessage) => Promise<void>;
}

export interface ConsumeHooks {
  readonly retryDelays?: readonly number[];
  readonly onDeadLetter?: (message: TopicMessage, reason: string) => void;
}

const defaultDelays = [50, 200, 1000];

/** Runs until `signal` aborts. What cannot be handled goes to `<topic>.<group>.dlq` with its reason and coordinates. */
export const runConsumer = (topics: Topics, consumer: Consumer, signal: AbortSignal, hooks: ConsumeHooks = {}): Promise<void> =>
  topics.consume({
    topics: consumer.topics,
    group: consumer.group,
    signal,
    handle: async (message) => {
      const reason = await attempt(consumer, message, hooks.retryDelays ?? defaultDelays);
      if (reason === undefined) return;
      await deadLetter(topics, consumer.group, message, reason);
      hooks.onDeadLetter?.(message, reason);
    },
  });

const attempt = async (consumer: Consumer, message: TopicMessage, delays: readonly number[]): Promise<string | undefined> => {
  for (const delay of [...delays, undefined]) {
    try {
      await consumer.handle(message);
      return undefined;
    } catch (error) {
      if (isFinal(error)) return error.code;
      if (delay === undefined) return 'HANDLING_FAILED';
      await sleep(delay);
    }
  }
  return undefined;
};

/** Trying again would not help. Where others change the same thing, or the store has no room just now, it does. */
const isFinal = (error: unknown): error is Refusal => error instanceof Refusal && error.kind !== 'busy' && error.code !== 'CONCURRENT_CHANGE';

const deadLetter = async (topics: Topics, group: string, message: TopicMessage, reason: string): Promise<void> => {
  const topic = `${message.topic}.${group}.dlq`;
  await topics.ensure([{ name: topic, cleanup: 'delete', retentionMs: 30 * 24 * 3600 * 1000 }]);
  const { key, value, headers, partition, offset } = message;
  const coordinates = { 'kendt-reason': reason, 'kendt-topic': message.topic, 'kendt-partition': String(partition), 'kendt-offset': offset };
  await topics.publish([{ topic, key, value, headers: { ...headers, ...coordinates } }]);
};
