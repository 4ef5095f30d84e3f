import { setTimeout as sleep } from 'node:timers/promises';
import { lockPatienceMs, type SqliteConnection } from './sqlite-file.js';

const soonMs = 500;
const againMs = 200;
const patienceMs = 10_000;

/**
 * Empties the write-ahead log, where what was deleted still stands, after it has been folded into the file. Coalesced;
 * again later when a reader of another process is in the way.
 */
export class WalCleaner {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly connection: SqliteConnection) {
    this.soon(); // a process that died may have left one
  }

  soon(ms = soonMs): void {
    if (this.stopped) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (!this.clean()) this.soon(againMs);
    }, ms).unref();
  }

  /** Resolves when the log is empty. @throws Error when a reader is in the way for ten seconds. */
  async now(): Promise<void> {
    for (const deadline = Date.now() + patienceMs; !this.clean(); await sleep(20))
      if (Date.now() > deadline) {
        this.soon();
        throw new Error('The write-ahead log cannot be emptied: another program reads the database without end');
      }
  }

  /** Before the connection is closed: another process may keep the log alive after us. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    clearTimeout(this.timer);
    this.clean();
  }

  private clean(): boolean {
    // Without patience of SQLite's own, which would hold up the whole process.
    this.connection.exec('PRAGMA busy_timeout = 0');
    try {
      const { busy } = this.connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
      return busy === 0;
    } catch {
      return false;
    } finally {
      this.connection.exec(`PRAGMA busy_timeout = ${lockPatienceMs}`);
    }
  }
}
