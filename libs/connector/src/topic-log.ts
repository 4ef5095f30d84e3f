import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { Changes } from './embedded/changes.js';
import { Shredder } from './embedded/shredder.js';
import { inTransaction, openSqliteFile } from './embedded/sqlite-file.js';
import { beforeOffset, endOf, mustAgree, oldestOf } from './embedded/topic-log.rows.js';
import { prepare, type MessageRow, type TopicRow, topicLogFile } from './embedded/topic-log.schema.js';
import { WalCleaner } from './embedded/wal-cleaner.js';
import { whenFree } from './embedded/when-free.js';
import { type From, GroupIsConsuming, millisecondsOf, type TopicLag } from './reading.js';
import type { Place } from './transport.port.js';

export interface LogTopic {
  readonly name: string;
  /** `compact`: only the last message of each key is kept; a `null` value removes the key. */
  readonly cleanup: 'delete' | 'compact';
  /** How long a message is kept where `cleanup` is `delete`. */
  readonly retentionMs?: number;
  /** Kept as a promise to others; this log has one partition per topic. */
  readonly partitions?: number;
}

export interface NewLogMessage {
  readonly topic: string;
  readonly key: string;
  /** `null`: a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LogMessage extends NewLogMessage {
  readonly partition: number;
  readonly offset: string;
  /** ISO 8601 UTC, when the log took it. */
  readonly timestamp: string;
}

export interface OpenTopicLog {
  /** Refuse to make the file: a connector follows a log, it does not start one. */
  readonly mustExist?: boolean;
  /** How long a tombstone stays for consumers that are away; seven days unless told. */
  readonly tombstoneMs?: number;
}

const scanned = 500;

export type TopicChoice = readonly string[] | RegExp;

/**
 * The topics of the embedded default: one SQLite file that Kendt and connectors in other processes share. Offsets count
 * over all topics, so a group sees one order. Messages that are compacted away or too old are shredded.
 */
export class TopicLog {
  private readonly statements: ReturnType<typeof prepare>;
  private readonly shredder: Shredder;
  private readonly changes: Changes;
  private readonly cleaner: WalCleaner;

  private constructor(
    private readonly db: DatabaseSync,
    private readonly tombstoneMs: number,
  ) {
    this.statements = prepare(db);
    this.shredder = new Shredder(db);
    this.changes = new Changes(db, { everyMs: 15, keepAlive: true });
    this.cleaner = new WalCleaner(db);
  }

  /** @throws Error with one sentence for the operator when the file is missing, not ours, damaged, newer or cannot be written. */
  static open(file: string, { mustExist = false, tombstoneMs = 7 * 24 * 3600 * 1000 }: OpenTopicLog = {}): TopicLog {
    const db = openSqliteFile({ file, kind: topicLogFile, mustExist, connect: (path) => new DatabaseSync(path) });
    return new TopicLog(db, tombstoneMs);
  }

  /** Calls what writes here as soon as no other program holds the file; this process goes on meanwhile. @throws after five seconds */
  whenFree<T>(write: () => T): Promise<T> {
    return whenFree(this.db, write);
  }

  /** Makes topics that are missing. @throws Error naming the setting in which one that is there differs; then none is made. */
  ensure(definitions: readonly LogTopic[]): void {
    const missing = definitions.filter((definition) => !this.isThere(definition));
    if (missing.length === 0) return;
    inTransaction(this.db, () => {
      for (const topic of missing)
        if (!this.isThere(topic)) this.statements.addTopic.run(topic.name, topic.cleanup, topic.retentionMs ?? null, topic.partitions ?? null);
    });
    this.changes.ring();
  }

  topics(): LogTopic[] {
    return (this.statements.topics.all() as TopicRow[]).map(({ name, cleanup, retention_ms, partitions }) => ({
      name, cleanup, ...(retention_ms !== null && { retentionMs: retention_ms }), ...(partitions !== null && { partitions }),
    }));
  }

  /** All or nothing, and on disk when it returns. @throws Error when a topic was never made. */
  publish(messages: readonly NewLogMessage[]): void {
    if (messages.length === 0) return;
    inTransaction(this.db, () => {
      for (const message of messages) this.add(message);
    });
    this.changes.ring();
  }

  /** Where a group starts that has never committed. A topic that is made later is always taken from its start. */
  join(group: string, choice: TopicChoice, from: From): void {
    const unknown = this.chosen(choice).filter(({ name }) => this.committed(group, name) === undefined);
    const places = unknown.map(({ name }) => [name, this.before(name, from) ?? 0] as const).filter(([, offset]) => offset > 0);
    if (places.length > 0) inTransaction(this.db, () => places.forEach(([name, offset]) => this.statements.commit.run(group, name, offset)));
  }

  /** The next messages of a group, in order of their offsets. */
  poll({ topics, group, limit = 100 }: { readonly topics: TopicChoice; readonly group: string; readonly limit?: number }): LogMessage[] {
    const rows = this.chosen(topics).flatMap((topic) => this.statements.next.all(...this.unread(topic, group), limit) as MessageRow[]);
    return rows.sort((a, b) => a.offset - b.offset).slice(0, limit).map((row) => this.toMessage(row));
  }

  /** How many messages of each topic a group has not handled yet; with `until`, of those that come before. */
  lag({ topics, group }: { readonly topics: TopicChoice; readonly group: string }, until?: readonly Place[]): TopicLag[] {
    return this.chosen(topics).map((topic) => ({ topic: topic.name, messages: (this.statements.lag.get(...this.unread(topic, group), endOf(topic.name, until)) as { lag: number }).lag }));
  }

  /** Where the next message of each topic will come, at the earliest. */
  ends(topics: TopicChoice): Place[] {
    const offset = String(this.end() + 1);
    return this.chosen(topics).map(({ name }) => ({ topic: name, partition: 0, offset }));
  }

  /** What a topic keeps, in order, up to where the log ended when reading began. Ends early when `signal` aborts. */
  async *scan(name: string, from: From = 'start', signal?: AbortSignal): AsyncGenerator<LogMessage> {
    const topic = this.mustBeThere(name);
    const end = this.end();
    for (let after = this.before(name, from) ?? 0, more = true; more; await turn()) {
      const rows = (this.statements.next.all(name, after, oldestOf(topic), scanned) as MessageRow[]).filter(({ offset }) => offset <= end);
      for (const row of rows) {
        if (signal?.aborted) return;
        yield this.toMessage(row);
      }
      after = rows.at(-1)?.offset ?? end;
      more = rows.length === scanned;
    }
  }

  /** One message again; undefined when the log no longer keeps it. */
  read(topic: string, offset: string): LogMessage | undefined {
    const row = this.statements.one.get(topic, Number(offset)) as MessageRow | undefined;
    return row && this.toMessage(row);
  }

  /** Everything up to and including `offset` is done. Never goes back. */
  commit(group: string, topic: string, partition: number, offset: string): void {
    if (partition !== 0) throw new Error(`Topic ${topic} has no partition ${partition}`);
    this.statements.commit.run(group, topic, Number(offset));
  }

  committed(group: string, topic: string): string | undefined {
    const row = this.statements.committed.get(group, topic) as { offset: number } | undefined;
    return row && String(row.offset);
  }

  /** The group begins anew, from the start of every topic. */
  reset(group: string): void {
    this.statements.reset.run(group);
    this.changes.ring();
  }

  /** Where a group goes on. @throws GroupIsConsuming. */
  rewind(group: string, topic: string, from: From): void {
    this.mustBeThere(topic);
    inTransaction(this.db, () => {
      if (this.statements.anybody.get(group, Date.now())) throw new GroupIsConsuming(group);
      const before = this.before(topic, from);
      if (before !== undefined) this.statements.place.run(group, topic, before);
    });
  }

  /** A member of a group is here, whether it has something to do or not. Said again, it is prolonged. */
  enter(group: string, member: string, ms: number): void {
    this.statements.enter.run(group, member, Date.now() + ms);
  }

  leave(group: string, member: string): void {
    this.statements.leave.run(group, member, Date.now());
  }

  /** One member of a group at a time reads, so that nothing is doubled and no order lost. Asked for again, it is prolonged. */
  lease(group: string, member: string, ms: number): boolean {
    const now = Date.now();
    if (this.leaseHolder(group, now, member) !== member) return false; // asked by reading first: those who stand by do not lock the file
    this.statements.lease.run(group, member, now + ms, now);
    return this.leaseHolder(group, now, undefined) === member;
  }

  release(group: string, member: string): void {
    this.statements.release.run(group, member);
    this.changes.ring();
  }

  /** Taken before a look at the log, it lets {@link changed} answer at once if something changes after that. */
  mark(): number {
    return this.changes.mark();
  }

  /** As if something had changed, for those in this process who wait. */
  wake(): void {
    this.changes.ring();
  }

  /** Resolves soon after this or another process has changed something, when `signal` aborts, or after `timeoutMs`. */
  changed(signal: AbortSignal, timeoutMs?: number, since?: number): Promise<void> {
    return this.changes.wait(signal, timeoutMs, since);
  }

  /** Shreds what its topic's retention no longer covers, and tombstones that everybody has had time to see. */
  prune(): void {
    const now = Date.now();
    inTransaction(this.db, () => {
      for (const { name, cleanup, retention_ms } of this.statements.topics.all() as TopicRow[]) {
        if (cleanup === 'compact') this.statements.deleteTombstones.run(name, now - this.tombstoneMs);
        else if (retention_ms !== null) this.remove(this.statements.older.all(name, now - retention_ms) as MessageRow[]);
      }
    });
  }

  /** Resolves once nothing that was removed before is left in any file. */
  async purge(): Promise<void> {
    await this.whenFree(() => this.prune());
    await this.cleaner.now();
  }

  close(): void {
    if (!this.db.isOpen) return;
    this.changes.ring(); // nobody may look at a closed file
    this.cleaner.stop();
    this.db.close();
  }

  /** The offset before the first message to be read; undefined where it stays as it is. */
  private before(topic: string, from: From): number | undefined {
    if (from === 'start') return 0;
    if (from === 'end') return this.end();
    if ('offsets' in from) return beforeOffset(topic, from.offsets);
    const row = this.statements.since.get(topic, millisecondsOf(from.time)) as { offset: number } | undefined;
    return row ? row.offset - 1 : this.end();
  }

  private end(): number {
    return (this.statements.lastOffset.get() as { last: number | null }).last ?? 0;
  }

  private mustBeThere(name: string): TopicRow {
    const row = this.statements.topic.get(name) as TopicRow | undefined;
    if (!row) throw new Error(`Topic ${name} does not exist`);
    return row;
  }

  private isThere(definition: LogTopic): boolean {
    const row = this.statements.topic.get(definition.name) as TopicRow | undefined;
    if (row) mustAgree(row, definition);
    return row !== undefined;
  }

  private leaseHolder(group: string, now: number, nobody: string | undefined): string | undefined {
    return (this.statements.leaseHolder.get(group, now) as { member: string } | undefined)?.member ?? nobody;
  }

  private add({ topic, key, value, headers }: NewLogMessage): void {
    if (this.mustBeThere(topic).cleanup === 'compact') this.remove(this.statements.ofKey.all(topic, key) as MessageRow[]);
    const sealed = value && this.shredder.seal(value);
    this.statements.add.run(topic, key, JSON.stringify(headers), Date.now(), sealed?.slot ?? null, sealed?.sealed ?? null);
  }

  private remove(rows: readonly MessageRow[]): void {
    for (const { offset, slot } of rows) {
      this.statements.delete.run(offset);
      if (slot !== null) this.shredder.shred(slot);
    }
    if (rows.length > 0) this.cleaner.soon();
  }

  private chosen(choice: TopicChoice): TopicRow[] {
    return (this.statements.topics.all() as TopicRow[]).filter(({ name }) => (choice instanceof RegExp ? name.search(choice) >= 0 : choice.includes(name)));
  }

  private unread(topic: TopicRow, group: string): [topic: string, after: number, oldest: number] {
    return [topic.name, Number(this.committed(group, topic.name) ?? 0), oldestOf(topic)];
  }

  private toMessage({ topic, key, headers, timestamp, offset, slot_key, sealed }: MessageRow): LogMessage {
    const value = sealed && slot_key && new Uint8Array(this.shredder.open(slot_key, sealed));
    const at = new Date(timestamp).toISOString();
    return { topic, key, value, headers: JSON.parse(headers) as Record<string, string>, partition: 0, offset: String(offset), timestamp: at };
  }
}
