import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Waits until the write-ahead log of an open SQLite file is on disk, without holding up the process as SQLite's own
 * waiting does. What was committed with `synchronous = NORMAL` before the call is as safe afterwards as with `FULL`: it
 * stands in the log, or a checkpoint has folded it in, which SQLite never does before the log is on disk.
 *
 * Who asks while one wait is going on shares the next one.
 */
export class LogSync {
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;

  private constructor(private readonly log: FileHandle) {}

  /** The log is there as long as somebody has the file open. */
  static async open(file: string): Promise<LogSync> {
    if (process.platform !== 'win32') await syncFolder(dirname(file)); // SQLite does that when it waits for a new log itself
    return new LogSync(await open(`${file}-wal`, 'r+'));
  }

  /** @throws what the disk said, from then on always: a later success would say nothing about what failed (fsync(2)). */
  now(): Promise<void> {
    return (this.next ??= this.after(this.running));
  }

  async close(): Promise<void> {
    await this.next?.catch(() => undefined);
    await this.running;
    await this.log.close();
  }

  private async after(earlier: Promise<unknown>): Promise<void> {
    await earlier;
    this.next = undefined;
    if (!this.failure) await (this.running = this.log.datasync().catch((error: unknown) => void (this.failure = { error })));
    if (this.failure) throw this.failure.error;
  }
}

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
