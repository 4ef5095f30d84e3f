import type { OutgoingMessage, TopicDefinition, TopicMessage, Topics } from './topics.port.js';

export const retryTopic = (topic: string, group: string): string => `${topic}.${group}.retry`;
export const deadLetterTopic = (topic: string, group: string): string => `${topic}.${group}.dlq`;

/** Where a message stood in its topic. */
export interface Coordinates {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** `left-out`: it is too large to be copied. `erased`: its customer was erased, so nothing of it is kept but where it stood. */
export type Content = 'kept' | 'left-out' | 'erased';

/** Why a message was put aside: a stable code, and the class of the error where it was none of ours. Never a text, never a stack. */
export interface Reason {
  readonly code: string;
  readonly error?: string;
}

/** A message in a retry or dead-letter topic: the original, and what became of it. */
export interface SetAside extends Reason, Coordinates {
  /** The key of the original: the customerId. */
  readonly key: string;
  readonly content: Content;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** The topic that it lies in now, and its key there. */
  readonly place: { readonly topic: string; readonly key: string };
}

const ours = 'kendt-';
const header = {
  reason: 'kendt-reason', error: 'kendt-error', topic: 'kendt-topic', partition: 'kendt-partition', offset: 'kendt-offset', key: 'kendt-key', at: 'kendt-at', content: 'kendt-content',
  tombstone: 'kendt-tombstone',
} as const;

/** What is copied of a message at most: far more than any message of the contract has, far less than what a broker refuses. */
const maxBytes = 256 * 1024;
const maxText = 300;

/** By customer and by message: what is put aside a second time replaces the first, and a tombstone takes it away. */
export const placeOf = ({ partition, offset }: Pick<TopicMessage, 'partition' | 'offset'>): string => `${partition}-${offset}`;

/** The copy of a message for a retry or dead-letter topic. Headers that only Kendt may write are never taken over from outside. */
export const setAside = (topic: string, message: TopicMessage, reason: Reason, content: Content = isTooLarge(message) ? 'left-out' : 'kept'): OutgoingMessage => {
  const { key, value, headers, partition, offset, timestamp } = message;
  const kept = content === 'kept';
  return {
    topic,
    key: placeOf(message),
    value: kept && value ? value : new Uint8Array(),
    headers: {
      ...(kept ? foreign(headers) : shortened(foreign(headers))),
      [header.reason]: reason.code,
      ...(reason.error !== undefined && { [header.error]: reason.error }),
      [header.topic]: message.topic,
      [header.partition]: String(partition),
      [header.offset]: offset,
      [header.key]: key.slice(0, maxText),
      [header.at]: timestamp,
      ...(!kept && { [header.content]: content }),
      ...(kept && value === null && { [header.tombstone]: 'true' }),
    },
  };
};

/** The message as it came. */
export const original = ({ value, headers, ...aside }: TopicMessage): TopicMessage => {
  const { topic, partition, offset, key } = read({ ...aside, headers });
  return { topic, partition, offset, key, value: headers[header.tombstone] ? null : value, headers: foreign(headers), timestamp: headers[header.at] ?? aside.timestamp };
};

export const read = ({ topic, key, headers, timestamp }: Omit<TopicMessage, 'value'>): SetAside => ({
  code: headers[header.reason] ?? '',
  ...(headers[header.error] !== undefined && { error: headers[header.error] }),
  topic: headers[header.topic] ?? '',
  partition: Number(headers[header.partition] ?? 0),
  offset: headers[header.offset] ?? '0',
  key: headers[header.key] ?? key,
  content: (headers[header.content] ?? 'kept') as Content,
  at: timestamp,
  place: { topic, key },
});

/** The same without its content. */
export const emptied = (aside: TopicMessage): OutgoingMessage => ({ ...setAside(aside.topic, original(aside), read(aside), 'erased'), key: aside.key });

export const removed = ({ topic, key }: Pick<TopicMessage, 'topic' | 'key'>): OutgoingMessage => ({ topic, key, value: null, headers: {} });

export const isTooLarge = ({ key, value, headers }: Pick<TopicMessage, 'key' | 'value' | 'headers'>): boolean =>
  Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + text.length, key.length + (value?.byteLength ?? 0)) > maxBytes;

const foreign = (headers: TopicMessage['headers']): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(ours)));

const shortened = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(['ce_id', 'ce_type', 'ce_source'].flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name].slice(0, maxText)]])));

/** In the order in which they stood. */
export const byPlace = (one: Coordinates, other: Coordinates): number =>
  (one.topic < other.topic ? -1 : one.topic > other.topic ? 1 : 0) || one.partition - other.partition || Math.sign(Number(BigInt(one.offset) - BigInt(other.offset)));

const hour = 3_600_000;

/** Only what is still aside is kept, and what is taken away is soon out of the broker’s files too. Order comes from the coordinates, so one partition does. */
const definition = (name: string): TopicDefinition => ({ name, cleanup: 'compact', partitions: 1, maxCompactionLagMs: hour, deleteRetentionMs: hour, segmentMs: hour });

/** Publishes to topics for what is put aside, which are made when they are first needed. */
export class AsideTopics {
  readonly #made = new Map<string, Promise<void>>();

  constructor(private readonly topics: Pick<Topics, 'ensure' | 'names' | 'publish'>) {}

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const topic of new Set(messages.map((message) => message.topic))) await this.#ensure(topic);
    await this.topics.publish(messages);
  }

  /** By whoever needs it first; the others wait for that. */
  #ensure(name: string): Promise<void> {
    const making = this.#made.get(name) ?? this.#make(name);
    this.#made.set(name, making);
    return making.catch((error: unknown) => {
      this.#made.delete(name);
      throw error;
    });
  }

  /** One that an operator has set up otherwise is taken as it is: a message must find its place. */
  async #make(name: string): Promise<void> {
    if (!(await this.topics.names()).includes(name)) await this.topics.ensure([definition(name)]);
  }
}

/** What lies in such a topic now, as far as `pick` wants it, by its key there. */
export const lyingIn = async <T>(topics: Pick<Topics, 'read'>, topic: string, pick: (aside: TopicMessage) => T | undefined): Promise<Map<string, T>> => {
  const found = new Map<string, T>();
  for await (const message of topics.read(topic)) {
    const picked = message.value === null ? undefined : pick(message);
    if (picked === undefined) found.delete(message.key);
    else found.set(message.key, picked);
  }
  return found;
};
