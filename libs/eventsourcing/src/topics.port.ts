export interface TopicDefinition {
  readonly name: string;
  /** `compact`: only the last message of each key is kept; a `null` value removes the key. */
  readonly cleanup: 'delete' | 'compact';
  /** How long a message is kept where `cleanup` is `delete`. */
  readonly retentionMs?: number;
  readonly partitions?: number;
}

export interface OutgoingMessage {
  readonly topic: string;
  /** Messages of one key keep their order. */
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

export interface ConsumeOptions {
  /** Exact names, or a pattern that also takes topics that appear later. */
  readonly topics: readonly string[] | RegExp;
  readonly group: string;
  /** Where a group starts that has never committed. */
  readonly from?: 'start' | 'end';
  /** The offset is committed once this has resolved; when it rejects, the message comes again. */
  readonly handle: (message: TopicMessage) => Promise<void>;
  readonly signal: AbortSignal;
}

/** The public stream: keyed messages that other systems follow. At least once, in order per key. */
export interface Topics {
  /** Makes topics that are missing. One that stands there with other settings is reported, never changed silently. */
  ensure(definitions: readonly TopicDefinition[]): Promise<void>;
  /** Resolves once every message is safely kept. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Resolves when `signal` aborts and the message in hand is done. */
  consume(options: ConsumeOptions): Promise<void>;
  close(): Promise<void>;
}
