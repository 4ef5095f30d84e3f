import { setTimeout as sleep } from 'node:timers/promises';
import type { OutgoingMessage, Topics } from '@kendt/eventsourcing';
import kafkajs from 'kafkajs';
import { addressesOf, type Place } from './kafka.clusters.js';

export type Publish = Topics['publish'];

/** How callers publish: with the adapter's `publish`, or without. */
export interface Way {
  readonly publish: Publish;
  readonly close?: () => Promise<void>;
}

type Ways = Readonly<Record<string, (publish: Publish, place: Place) => Promise<Way>>>;

const againAfterMs = 50;
/** Longer than any broker is away. */
const patienceMs = 120_000;
const mostUnderWay = 200;

/** Whoever gets an error sends the same again, and nothing else before it. */
export const patient = (publish: Publish): Publish => async (messages) => {
  for (const latest = Date.now() + patienceMs; ; await sleep(againAfterMs)) {
    try {
      return await publish(messages);
    } catch (error) {
      if (Date.now() > latest) throw error;
    }
  }
};

const early = (publish: Publish): Publish => {
  const underWay = new Set<Promise<void>>();
  return async (messages) => {
    const one: Promise<void> = publish(messages).catch(() => undefined).finally(() => underWay.delete(one));
    underWay.add(one);
    if (underWay.size > mostUnderWay) await Promise.race(underWay); // or a broker that is away would be left behind for ever
  };
};

const overtaking = (publish: Publish): Publish => async (messages) => {
  try {
    await publish(messages);
  } catch {
    void sleep(againAfterMs * 20).then(() => patient(publish)(messages));
  }
};

/** A producer as it comes. */
const bare = async (place: Place, acks: 1 | -1): Promise<Required<Way>> => {
  const producer = new kafkajs.Kafka({ brokers: addressesOf(place), logLevel: kafkajs.logLevel.NOTHING }).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const toSend = ({ key, value, headers }: OutgoingMessage) => ({ key, value: value && Buffer.from(value), headers: { ...headers } });
  return {
    publish: async (messages) => void (await producer.send({ topic: messages[0]!.topic, acks, messages: messages.map(toSend) })),
    close: () => producer.disconnect(),
  };
};

export const brokerSabotages = {
  'early-answer': 'counts messages as kept before the broker has said so',
  overtake: 'sends what comes next when something could not be sent, and that later',
};

export const leaderSabotages = {
  'one-ack': 'takes it for an answer that the leader has a message, though nobody else may have it',
  'side-by-side': 'sends what comes next while it is not known whether what came before has arrived',
};

const broken: Ways = {
  'early-answer': async (publish) => ({ publish: early(publish) }),
  overtake: async (publish) => ({ publish: overtaking(publish) }),
  'one-ack': async (_, place) => {
    const { publish, close } = await bare(place, 1);
    return { publish: patient(publish), close };
  },
  'side-by-side': async (_, place) => {
    const { publish, close } = await bare(place, -1);
    return { publish: early(patient(publish)), close };
  },
};

export const wayOf = async (sabotage: string | undefined, publish: Publish, place: Place): Promise<Way> =>
  (await broken[sabotage ?? '']?.(publish, place)) ?? { publish: patient(publish) };
