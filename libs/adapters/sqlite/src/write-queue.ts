import { lockPatienceMs, whenFree } from '@kendt/connector/embedded';
import type Database from 'better-sqlite3';
import { busy, inOurWords } from './store-problems.js';

interface Job {
  readonly work: () => unknown;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

const maxTogether = 500;

/**
 * Group commit: what is asked for in one turn of the event loop is written in one transaction, a savepoint each, so that
 * one failure fails alone. Nothing is answered before it is on disk.
 */
export class WriteQueue {
  private readonly jobs: Job[] = [];
  private readonly unsyncedJobs: Job[] = [];
  private scheduled = false;
  private readonly begin: Database.Statement;
  private readonly commit: Database.Statement;
  private readonly save: Database.Statement;
  private readonly release: Database.Statement;
  private readonly undo: Database.Statement;

  constructor(
    private readonly db: Database.Database,
    private readonly capacity = 5000,
    private readonly patienceMs = lockPatienceMs,
  ) {
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.save = db.prepare('SAVEPOINT one');
    this.release = db.prepare('RELEASE one');
    this.undo = db.prepare('ROLLBACK TO one');
  }

  /** @throws Refusal `STORE_BUSY` when too much is waiting already, or another process does not let go of the file. */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.jobs.length >= this.capacity) return reject(busy());
      this.jobs.push({ work, done: resolve as Job['done'], failed: reject });
      this.schedule();
    });
  }

  /**
   * Without waiting for the disk, for what can be made again: a power cut may take it back, never something earlier without it; a crash of the
   * process takes nothing back (https://sqlite.org/pragma.html#pragma_synchronous). Before this turn of the event loop ends, so that
   * nobody waits for longer; all who are awake in it share a commit.
   */
  unsyncedTogether<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.unsyncedJobs.push({ work, done: resolve as Job['done'], failed: reject }) === 1) process.nextTick(() => void this.writeUnsynced());
    });
  }

  /** Writes everything that waits, now. */
  flush(): void {
    while (this.jobs.length > 0) this.now(this.jobs, () => this.write(this.jobs));
    while (this.unsyncedJobs.length > 0) this.now(this.unsyncedJobs, () => this.withoutSync(() => this.write(this.unsyncedJobs)));
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => void this.writeSome());
  }

  private async writeSome(): Promise<void> {
    await this.soon(this.jobs, () => this.write(this.jobs));
    this.scheduled = false;
    if (this.jobs.length > 0) this.schedule();
  }

  private async writeUnsynced(): Promise<void> {
    do await this.soon(this.unsyncedJobs, () => this.withoutSync(() => this.write(this.unsyncedJobs)));
    while (this.unsyncedJobs.length > 0);
  }

  /** This process goes on while another one holds the file. */
  private async soon(queue: Job[], write: () => void): Promise<void> {
    await whenFree(this.db, write, this.patienceMs).catch((error: unknown) => this.fail(queue, error));
  }

  private now(queue: Job[], write: () => void): void {
    try {
      write();
    } catch (error) {
      this.fail(queue, error);
    }
  }

  private fail(queue: Job[], error: unknown): void {
    for (const job of queue.splice(0)) job.failed(inOurWords(error, this.db.name));
  }

  private withoutSync<T>(work: () => T): T {
    this.db.exec('PRAGMA synchronous = NORMAL');
    try {
      return work();
    } finally {
      this.db.exec('PRAGMA synchronous = FULL');
    }
  }

  /** @throws what SQLite says when it does not let it begin: then all of them are still in the queue */
  private write(queue: Job[]): void {
    if (queue.length === 0) return;
    this.begin.run();
    const jobs = queue.splice(0, maxTogether);
    try {
      this.settle(jobs, this.transaction(jobs));
    } catch (error) {
      if (this.db.inTransaction) this.db.exec('ROLLBACK');
      for (const job of jobs) job.failed(inOurWords(error, this.db.name));
    }
  }

  private transaction(jobs: readonly Job[]): Outcome[] {
    const outcomes = jobs.map((job) => this.attempt(job));
    this.commit.run();
    return outcomes;
  }

  private attempt({ work }: Job): Outcome {
    this.save.run();
    try {
      const value = work();
      this.release.run();
      return { value };
    } catch (error) {
      // Some failures (disk full, I/O) roll back the whole transaction: then nothing of this group was written.
      if (!this.db.inTransaction) throw error;
      this.undo.run();
      this.release.run();
      return { error };
    }
  }

  private settle(jobs: readonly Job[], outcomes: readonly Outcome[]): void {
    jobs.forEach((job, n) => {
      const outcome = outcomes[n]!;
      if ('error' in outcome) job.failed(outcome.error);
      else job.done(outcome.value);
    });
  }
}
