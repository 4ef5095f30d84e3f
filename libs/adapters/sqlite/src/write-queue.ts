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
  private jobs: Job[] = [];
  private unsyncedJobs: Job[] = [];
  private scheduled = false;
  private readonly begin: Database.Statement;
  private readonly commit: Database.Statement;
  private readonly save: Database.Statement;
  private readonly release: Database.Statement;
  private readonly undo: Database.Statement;

  constructor(
    private readonly db: Database.Database,
    private readonly capacity = 5000,
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
   * At once, after what waits, and without waiting for the disk: for what can be made again. A power cut may take it back,
   * never something earlier without it; a crash of the process takes nothing back (https://sqlite.org/pragma.html#pragma_synchronous).
   */
  unsynced<T>(work: () => T): T {
    this.flush();
    return this.withoutSync(() => {
      try {
        return this.db.transaction(work).immediate();
      } catch (error) {
        throw inOurWords(error, this.db.name);
      }
    });
  }

  /** The same before this turn of the event loop ends, so that nobody waits for longer; all who are awake in it share a commit. */
  unsyncedTogether<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.unsyncedJobs.push({ work, done: resolve as Job['done'], failed: reject }) === 1) process.nextTick(() => this.writeUnsynced());
    });
  }

  /** Writes everything that waits, now. */
  flush(): void {
    while (this.jobs.length > 0) this.writeSome();
    this.writeUnsynced();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.writeSome();
      if (this.jobs.length > 0) this.schedule();
    });
  }

  private writeSome(): void {
    this.write(this.jobs.splice(0, maxTogether));
  }

  private writeUnsynced(): void {
    if (this.unsyncedJobs.length > 0) this.withoutSync(() => this.write(this.unsyncedJobs.splice(0)));
  }

  private withoutSync<T>(work: () => T): T {
    this.db.exec('PRAGMA synchronous = NORMAL');
    try {
      return work();
    } finally {
      this.db.exec('PRAGMA synchronous = FULL');
    }
  }

  private write(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    try {
      this.settle(jobs, this.transaction(jobs));
    } catch (error) {
      if (this.db.inTransaction) this.db.exec('ROLLBACK');
      for (const job of jobs) job.failed(inOurWords(error, this.db.name));
    }
  }

  private transaction(jobs: readonly Job[]): Outcome[] {
    this.begin.run();
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
