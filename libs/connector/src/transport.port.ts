import type { Message } from '@kendt/contracts';

/** Where a message stands; together with its topic it is found again. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

export interface ReceivedMessage extends Message, Place {}

export interface TransportConsumer {
  readonly topics: readonly string[] | RegExp;
  readonly group: string;
  /** The message counts as handled once this has resolved; when it rejects, the message comes again. */
  readonly handle: (message: ReceivedMessage) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What carries the messages. In order per key, at least once. */
export interface TopicTransport {
  /** Resolves once every message is safely kept. */
  publish(messages: readonly Message[]): Promise<void>;
  /** From the start for a group that is new. Resolves when `signal` aborts and the message in hand is done. */
  consume(consumer: TransportConsumer): Promise<void>;
  /** How many messages the group has not handled yet; with `until`, of those that come before. */
  lag(consumer: Pick<TransportConsumer, 'topics' | 'group'>, until?: readonly Place[]): Promise<number>;
  /** Where the next message of each partition will come. */
  ends(topics: TransportConsumer['topics']): Promise<readonly Place[]>;
  /** One message again; undefined when the topic no longer keeps it. */
  read(place: Place): Promise<ReceivedMessage | undefined>;
  close(): Promise<void>;
}
