import { consumeLog, GroupIsConsuming, TopicLog, type OpenTopicLog } from '@kendt/connector';
import {
  type ConsumeOptions, type From, type GroupLag, type OutgoingMessage, type ReadTopic, type TopicDefinition, type TopicMessage, type Topics, topicsBusy,
} from '@kendt/eventsourcing';

const pruneEveryMs = 60_000;

interface Waiting {
  readonly messages: readonly OutgoingMessage[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Topics in one file, which connectors in other processes follow as well. */
export class SqliteTopics implements Topics {
  private readonly closing = new AbortController();
  private readonly waiting: Waiting[] = [];
  private publishing = Promise.resolve();
  private readonly consuming = new Set<Promise<void>>();
  private readonly pruning: NodeJS.Timeout;

  private constructor(private readonly log: TopicLog) {
    this.pruning = setInterval(() => void this.pruneQuietly(), pruneEveryMs).unref();
  }

  /** @throws Error with one sentence for the operator when the file is not ours, damaged, newer or cannot be written. */
  static async open(file: string, options?: OpenTopicLog): Promise<SqliteTopics> {
    return new SqliteTopics(TopicLog.open(file, options));
  }

  async ensure(definitions: readonly TopicDefinition[]): Promise<void> {
    this.mustBeOpen();
    await this.log.whenFree(() => this.log.ensure(definitions));
  }

  /** What is published in one turn of the event loop shares a commit. */
  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.mustBeOpen();
      if (this.waiting.push({ messages, resolve, reject }) === 1) setImmediate(() => void this.publishNext());
    });
  }

  async consume(options: ConsumeOptions): Promise<void> {
    this.mustBeOpen();
    const consuming = consumeLog(this.log, { ...options, signal: AbortSignal.any([options.signal, this.closing.signal]) });
    this.consuming.add(consuming);
    await consuming.finally(() => this.consuming.delete(consuming));
  }

  async *read(topic: string, { from, signal }: ReadTopic = {}): AsyncGenerator<TopicMessage> {
    this.mustBeOpen();
    yield* this.log.scan(topic, from, signal);
  }

  async rewind(group: string, topic: string, from: From): Promise<void> {
    this.mustBeOpen();
    try {
      await this.log.whenFree(() => this.log.rewind(group, topic, from));
    } catch (error) {
      throw error instanceof GroupIsConsuming ? topicsBusy(group) : error;
    }
  }

  async lag(group: string, topics: readonly string[] | RegExp): Promise<readonly GroupLag[]> {
    this.mustBeOpen();
    return this.log.lag({ topics, group });
  }

  async names(): Promise<readonly string[]> {
    this.mustBeOpen();
    return this.log.topics().map(({ name }) => name);
  }

  /** Resolves once nothing that was compacted away, tombstoned or too old is left in any file. */
  async purge(): Promise<void> {
    await this.log.purge();
  }

  /** Waits for the messages in hand. */
  async close(): Promise<void> {
    clearInterval(this.pruning);
    this.closing.abort();
    await this.publishNext();
    await Promise.allSettled(this.consuming);
    this.log.close();
  }

  /** One after the other, so that what waits for the file is not overtaken. */
  private publishNext(): Promise<void> {
    return (this.publishing = this.publishing.then(() => this.publishWaiting()));
  }

  private async publishWaiting(): Promise<void> {
    const waiting = this.waiting.splice(0);
    if (waiting.length > 1 && (await this.published(waiting.flatMap(({ messages }) => messages)))) return waiting.forEach(({ resolve }) => resolve());
    for (const { messages, resolve, reject } of waiting) await this.log.whenFree(() => this.log.publish(messages)).then(resolve, reject);
  }

  /** False when one of several cannot be published: then each is tried by itself, so that one failure fails alone. */
  private published(messages: readonly OutgoingMessage[]): Promise<boolean> {
    return this.log.whenFree(() => this.log.publish(messages)).then(() => true, () => false);
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new Error('The topics are closed');
  }

  /** Where the file is locked by another process the next minute will do. */
  private async pruneQuietly(): Promise<void> {
    await this.log.whenFree(() => this.log.prune()).catch(() => undefined);
  }
}
