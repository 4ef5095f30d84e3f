import { Refusal } from '@kendt/kernel';

export interface TopicDefinition {
  readonly name: string;
  /** `compact`: only the last message of each key is kept; a `null` value removes the key. */
  readonly cleanup: 'delete' | 'compact';
  /** How long a message is kept where `cleanup` is `delete`. */
  readonly retentionMs?: number;
  readonly partitions?: number;
  /** On how many brokers a message lies, and how many of them must have it before it counts as kept. Only a broker has these. */
  readonly replication?: number;
  readonly minInSyncReplicas?: number;
  /**
   * Where `cleanup` is `compact`, how long what was overwritten or deleted may still lie in a broker's files: until compaction
   * looks at it, until a tombstone goes as well, until a file is closed so that it can be compacted. Others shred at once.
   */
  readonly maxCompactionLagMs?: number;
  readonly deleteRetentionMs?: number;
  readonly segmentMs?: number;
}

export interface OutgoingMessage {
  readonly topic: string;
  /** Messages of one key keep their order. Empty where another system has sent none. */
  readonly key: string;
  /** `null`: a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TopicMessage extends OutgoingMessage {
  readonly partition: number;
  readonly offset: string;
  /** ISO 8601 UTC, when the topic took it. */
  readonly timestamp: string;
}

/**
 * Where reading begins. `time`: ISO 8601, the first message that the topic took at or after it. `offsets`: by partition, the
 * next message to be read; a partition that is not named stays where it is, which is the start for who has never read.
 */
export type From = 'start' | 'end' | { readonly time: string } | { readonly offsets: Readonly<Record<number, string>> };

export interface ConsumeControl {
  /** Nothing more is handed over until {@link resume}; the member stays in its group, and what is in hand is finished. */
  pause(): void;
  resume(): void;
}

export interface ConsumeOptions {
  /** Exact names, or a pattern that also takes topics that appear later. */
  readonly topics: readonly string[] | RegExp;
  readonly group: string;
  /** Where a group starts that has never committed; the start unless told. A topic that is made later is taken from its start. */
  readonly from?: From;
  /**
   * How many messages may be in hand at once, each of another key; one unless told. Those of one key never are, so their order holds.
   * Nothing is committed that stands behind a message which is not handled.
   */
  readonly atOnce?: number;
  /** A message counts as handled once this has resolved; when it rejects, the message comes again after a growing wait, and its key waits. */
  readonly handle: (message: TopicMessage) => Promise<void>;
  readonly signal: AbortSignal;
  /** Handed over once the group consumes. */
  readonly control?: (control: ConsumeControl) => void;
}

export interface ReadTopic {
  /** The start unless told. */
  readonly from?: From;
  /** Ends the reading early. */
  readonly signal?: AbortSignal;
}

export interface GroupLag {
  readonly topic: string;
  /** Not handled yet, by all members together. On a broker, messages that were compacted away are counted too. */
  readonly messages: number;
}

/** The public stream: keyed messages that other systems follow. At least once, in order per key. */
export interface Topics {
  /** Makes topics that are missing. One that stands there with other settings is reported, never changed silently. */
  ensure(definitions: readonly TopicDefinition[]): Promise<void>;
  /** Resolves once every message is safely kept. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Resolves when `signal` aborts and the message in hand is done. */
  consume(options: ConsumeOptions): Promise<void>;
  /** What a topic keeps, per partition in order, up to where it ended when reading began. No group, nothing is committed. */
  read(topic: string, options?: ReadTopic): AsyncIterable<TopicMessage>;
  /** Where a group goes on in a topic. @throws Refusal `GROUP_IS_CONSUMING` while a member of it consumes. */
  rewind(group: string, topic: string, from: From): Promise<void>;
  /** Of every topic that is there. */
  lag(group: string, topics: readonly string[] | RegExp): Promise<readonly GroupLag[]>;
  /** Of all topics that are there, sorted. */
  names(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const topicsBusy = (group: string): Refusal => new Refusal('GROUP_IS_CONSUMING', `The group ${group} is consuming: stop its members first`);
