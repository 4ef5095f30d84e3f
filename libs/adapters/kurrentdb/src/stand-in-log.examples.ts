// A log in memory that decides about appends as KurrentDB's source says that it does (KurrentDB.Core: IndexWriter.CheckCommit,
// StorageWriterService.VerifyCommitChecks, AllReader). It is not KurrentDB, and proves nothing about KurrentDB.

export interface LogRecord {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  /** In the log; a transaction's records lie one behind the other. */
  readonly position: number;
  readonly data: Uint8Array;
  readonly metadata: string;
}

export interface LogAppend {
  readonly stream: string;
  /** -1: no such stream; -2: any. */
  readonly expected: number;
  readonly records: readonly Pick<LogRecord, 'id' | 'type' | 'data' | 'metadata'>[];
}

export type Outcome =
  | { readonly kind: 'written'; readonly revisions: readonly number[] }
  | { readonly kind: 'conflict'; readonly stream: string; readonly expected: number; readonly actual: number }
  | { readonly kind: 'tombstoned'; readonly stream: string }
  /** The server answers with an exception of its own: a conflict in which no stream is to blame. */
  | { readonly kind: 'broken' };

type Check = 'ok' | 'idempotent' | 'conflict' | 'corrupted';

export class StandInLog {
  readonly records: LogRecord[] = [];
  private readonly streams = new Map<string, LogRecord[]>();
  private readonly tombstones = new Set<string>();
  private readonly listeners = new Set<() => void>();

  stream(name: string): readonly LogRecord[] {
    return this.streams.get(name) ?? [];
  }

  isTombstoned(name: string): boolean {
    return this.tombstones.has(name);
  }

  tombstone(name: string): void {
    this.tombstones.add(name);
  }

  append(appends: readonly LogAppend[]): Outcome {
    const dead = appends.find(({ stream }) => this.tombstones.has(stream));
    if (dead) return { kind: 'tombstoned', stream: dead.stream };
    const checks = appends.map((append) => this.check(append));
    if (checks.includes('corrupted')) return appends.length === 1 ? this.conflict(appends[0]!) : { kind: 'broken' };
    if (checks.every((check) => check === 'idempotent')) return { kind: 'written', revisions: appends.map(({ expected, records }) => expected + records.length) };
    const failed = appends.find((_, n) => checks[n] === 'conflict');
    if (failed) return this.conflict(failed);
    if (checks.includes('idempotent')) return { kind: 'broken' };
    return { kind: 'written', revisions: appends.map((append) => this.write(append)) };
  }

  /** Calls back after each append, until the returned function is called. */
  listen(heard: () => void): () => void {
    this.listeners.add(heard);
    return () => void this.listeners.delete(heard);
  }

  private check({ stream, expected, records }: LogAppend): Check {
    const kept = this.stream(stream);
    const last = kept.length - 1;
    if (expected === -2) return records.every(({ id }) => kept.some((one) => one.id === id)) ? 'idempotent' : 'ok';
    if (expected === last) return 'ok';
    if (expected > last) return 'conflict';
    const differs = records.findIndex(({ id }, n) => kept[expected + 1 + n]?.id !== id);
    if (differs === -1) return 'idempotent';
    return differs === 0 ? 'conflict' : 'corrupted';
  }

  private conflict({ stream, expected }: LogAppend): Outcome {
    return { kind: 'conflict', stream, expected, actual: this.stream(stream).length - 1 };
  }

  private write({ stream, records }: LogAppend): number {
    const kept = this.streams.get(stream) ?? [];
    this.streams.set(stream, kept);
    for (const record of records) {
      const before = this.records.at(-1);
      // A record's position is its first byte, so the next one begins where it ends.
      const position = before ? before.position + 100 + before.data.length : 1000;
      kept.push({ ...record, stream, revision: kept.length, position });
      this.records.push(kept.at(-1)!);
    }
    queueMicrotask(() => this.listeners.forEach((heard) => heard()));
    return kept.length - 1;
  }
}
