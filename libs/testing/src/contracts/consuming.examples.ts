import { type Consumer, type ConsumerDeps, type ConsumeHooks, DeadLetters, type OutgoingMessage, runConsumer, type TopicMessage, type Topics, type Views } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { eventually } from './opened.js';
import { message, text } from './topics.examples.js';

/** What a consumer stands on. */
export interface ConsumingPorts {
  readonly topics: Topics;
  readonly views: Views;
  close(): Promise<void>;
}

export const away = new Refusal('STORE_AWAY', 'The store does not answer', 'busy');
export const nobody = new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');
export const notAllowed = new Refusal('TASK_OF_ANOTHER_SYSTEM', 'This task was given to another system', 'forbidden');

/** Quick enough for a test, and still growing. */
export const hooks: ConsumeHooks = { quickDelays: [1, 1, 1], retryDelays: [10, 20, 30] };

export interface Shop {
  /** Texts in the order in which they were handled; tries that failed are not among them. */
  readonly handled: string[];
  /** How often each text was tried. */
  readonly tries: ReadonlyMap<string, number>;
  /** What is thrown for a text, for as long as it stands here. */
  readonly faults: Map<string, Error>;
  until(count: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ShopOptions {
  readonly consumer?: Partial<Consumer>;
  readonly hooks?: ConsumeHooks;
  readonly isErased?: ConsumerDeps['isErased'];
  /** Shared with another member. */
  readonly with?: Shop;
}

/** A consumer of `in`, in the group `shop`. */
export const consumeShop = ({ topics, views }: Pick<ConsumingPorts, 'topics' | 'views'>, options: ShopOptions = {}): Shop => {
  const { handled, tries, faults } = (options.with as Shop & { tries: Map<string, number> } | undefined) ?? { handled: [] as string[], tries: new Map<string, number>(), faults: new Map<string, Error>() };
  const abort = new AbortController();
  const handle = async (one: TopicMessage): Promise<void> => {
    const said = text(one) ?? 'nothing';
    tries.set(said, (tries.get(said) ?? 0) + 1);
    const fault = faults.get(said);
    if (fault) throw fault;
    handled.push(said);
  };
  const consumer: Consumer = { group: 'shop', topics: ['in'], mayCome: [nobody.code], handle, ...options.consumer };
  const done = runConsumer({ topics, views, ...(options.isErased && { isErased: options.isErased }) }, consumer, abort.signal, { ...hooks, ...options.hooks });
  return {
    handled, tries, faults,
    until: (count) => eventually(() => handled.length >= count, `${count} messages were handled`),
    stop: () => (abort.abort(), done),
  };
};

/** `ida1`: the text of a message whose key is `ida`. */
export const said = (...texts: string[]): OutgoingMessage[] => texts.map((one) => message('in', one.replace(/\d+$/, ''), one));

/** What lies in a topic now, oldest first. */
export const lying = async (topics: Topics, topic: string): Promise<TopicMessage[]> => {
  if (!(await topics.names()).includes(topic)) return [];
  const found = new Map<string, TopicMessage>();
  for await (const one of topics.read(topic)) {
    found.delete(one.key);
    if (one.value !== null) found.set(one.key, one);
  }
  return [...found.values()];
};

export const dead = (ports: ConsumingPorts): DeadLetters => new DeadLetters(ports);

export const textsIn = async (topics: Topics, topic: string): Promise<(string | null)[]> => (await lying(topics, topic)).map(text);
