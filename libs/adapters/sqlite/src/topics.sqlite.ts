import { consumeLog, TopicLog, type OpenTopicLog } from '@kendt/connector';
import type { ConsumeOptions, OutgoingMessage, TopicDefinition, Topics } from '@kendt/eventsourcing';

const pruneEveryMs = 60_000;

/** Topics in one file, which connectors in other processes follow as well. */
export class SqliteTopics implements Topics {
  private readonly closing = new AbortController();
  private readonly consuming = new Set<Promise<void>>();
  private readonly pruning: NodeJS.Timeout;

  private constructor(private readonly log: TopicLog) {
    this.pruning = setInterval(() => this.pruneQuietly(), pruneEveryMs).unref();
  }

  /** @throws Error with one sentence for the operator when the file is not ours, damaged, newer or cannot be written. */
  static async open(file: string, options?: OpenTopicLog): Promise<SqliteTopics> {
    return new SqliteTopics(TopicLog.open(file, options));
  }

  async ensure(definitions: readonly TopicDefinition[]): Promise<void> {
    this.mustBeOpen();
    this.log.ensure(definitions);
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.mustBeOpen();
    this.log.publish(messages);
  }

  async consume(options: ConsumeOptions): Promise<void> {
    this.mustBeOpen();
    const consuming = consumeLog(this.log, { ...options, signal: AbortSignal.any([options.signal, this.closing.signal]) });
    this.consuming.add(consuming);
    await consuming.finally(() => this.consuming.delete(consuming));
  }

  /** Resolves once nothing that was compacted away, tombstoned or too old is left in any file. */
  async purge(): Promise<void> {
    await this.log.purge();
  }

  /** Waits for the messages in hand. */
  async close(): Promise<void> {
    clearInterval(this.pruning);
    this.closing.abort();
    await Promise.allSettled(this.consuming);
    this.log.close();
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new Error('The topics are closed');
  }

  private pruneQuietly(): void {
    try {
      this.log.prune();
    } catch {
      // The file is locked by another process: the next minute will do.
    }
  }
}
