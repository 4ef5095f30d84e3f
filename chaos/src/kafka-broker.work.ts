import { setTimeout as sleep } from 'node:timers/promises';
import { type OutgoingMessage, randomId } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import { wayOf } from './kafka-broker.sabotages.js';
import type { Place } from './kafka.clusters.js';
import type { Ordeal } from './scenario.js';

const callers = 12;
const pauseMs = 15;
const timing = { session: 4_000, heartbeat: 500, fetchWait: 100 };

export interface Publishing {
  /** Returns once everything that was begun is kept, and a group has handled it. */
  readonly end: () => Promise<void>;
  /** Returns once every caller has an answer to something that it began after this call, and the group has handled that. */
  readonly allHaveGoneOn: () => Promise<void>;
}

export const topicOf = ({ prefix }: Place): string => `${prefix}.messages`;

/** Some callers publish, each in order and to a key of its own; a group of one consumes. */
export const publishAndConsume = async (place: Place, { sabotage, say, random, signal }: Ordeal, replicas: number): Promise<Publishing> => {
  const topic = topicOf(place);
  const topics = KafkaTopics.open({ url: place.url, timing });
  await topics.ensure([{ name: topic, cleanup: 'delete', retentionMs: 3_600_000, partitions: 3, ...(replicas > 1 && { replication: replicas, minInSyncReplicas: 2 }) }]);
  const [publishers, consumer] = [new AbortController(), new AbortController()];
  const all = Array.from({ length: callers }, (_, index) => ({ key: `caller-${index}`, begun: 0, kept: 0, handled: 0 }));
  const { publish, close } = await wayOf(sabotage, (messages) => topics.publish(messages), place);
  const working = all.map(async (caller) => {
    while (!publishers.signal.aborted) {
      const messages = Array.from({ length: 1 + Math.floor(random() * 8) }, () => messageOf(topic, caller.key, ++caller.begun));
      for (const { headers, value } of messages) say({ is: 'attempt', key: caller.key, id: headers['ce_id'], value: String(value) });
      const upTo = caller.begun;
      await publish(messages);
      caller.kept = upTo;
      say({ is: 'acknowledged', key: caller.key, number: upTo, at: Date.now() });
      await sleep(random() * pauseMs * 2);
    }
  });
  const consuming = topics.consume({
    topics: [topic], group: `${place.prefix}.group`, signal: consumer.signal,
    handle: async ({ key, value }) => {
      const { number } = JSON.parse(Buffer.from(value!).toString()) as { number: number };
      const caller = all.find((one) => one.key === key)!;
      caller.handled = Math.max(caller.handled, number);
      say({ is: 'handled', key, number, at: Date.now() });
    },
  });
  const until = async (isSo: () => boolean, withinMs: number): Promise<boolean> => {
    for (const latest = Date.now() + withinMs; !isSo() && Date.now() < latest && !signal.aborted; ) await Promise.race([sleep(10), consuming]);
    return isSo();
  };
  return {
    allHaveGoneOn: async () => {
      const begun = all.map((caller) => caller.begun);
      const haveGoneOn = (): boolean => all.every(({ kept, handled }, index) => kept > begun[index]! && handled > begun[index]!);
      if (!(await until(haveGoneOn, goesOnWithinMs))) throw new Error(`Not everybody had gone on after ${goesOnWithinMs / 1000} s`);
    },
    end: async () => {
      publishers.abort();
      await Promise.allSettled(working);
      await until(() => all.every(({ begun, handled }) => handled >= begun), endsWithinMs);
      consumer.abort();
      await consuming;
      await Promise.all([topics.close(), close?.()]);
    },
  };
};

const goesOnWithinMs = 60_000;
/** Then what is missing is missing, and the checker says so. */
const endsWithinMs = 10_000;

const messageOf = (topic: string, key: string, number: number): OutgoingMessage => ({
  topic, key, value: Buffer.from(JSON.stringify({ number })), headers: { ce_id: randomId() },
});
