import type { DataGroup } from '@kendt/kernel';
import type { Statements } from './key-ring.file.js';
import type { LogSync } from './log-sync.js';
import { busy } from './store-problems.js';
import type { WriteQueue } from './write-queue.js';

export interface NewKey {
  readonly customerId: string;
  readonly group: DataGroup;
  readonly wrapped: Uint8Array;
  /** The number of the key-encryption key. */
  readonly under: number;
}

interface Asked {
  readonly key: NewKey;
  readonly resolve: (added: boolean) => void;
  readonly reject: (error: unknown) => void;
}

const maxWaiting = 5000;

/**
 * Adds keys: those of one turn of the event loop in one transaction, whose way to the disk nobody but the askers waits
 * for. A key can be seen before it is there, so whoever seals asks {@link areOnDisk} about a key that it has found: what
 * is sealed under it must not outlive it.
 */
export class NewKeys {
  private asked: Asked[] = [];
  private waiting = 0;
  /** All wrapped keys up to this number, whoever made them. */
  private onDisk = 0;

  constructor(
    private readonly statements: Statements,
    private readonly queue: WriteQueue,
    private readonly log: LogSync,
  ) {}

  /**
   * Once it is on disk. False when another caller, another process or a rotation was faster.
   * @throws Refusal `STORE_BUSY`, `STORE_FULL`
   */
  add(key: NewKey): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.waiting >= maxWaiting) return reject(busy());
      if (this.asked.push({ key, resolve, reject }) === 1) setImmediate(() => void this.write());
    });
  }

  areOnDisk(number: number): boolean {
    return number <= this.onDisk;
  }

  async toDisk(): Promise<void> {
    const last = this.statements.lastKey.get()!;
    await this.log.now();
    this.onDisk = Math.max(this.onDisk, last);
  }

  /** Puts what was asked for in this turn into the queue; resolves once it is on disk. */
  async flush(): Promise<void> {
    await this.write();
  }

  private async write(): Promise<void> {
    const asked = this.asked;
    this.asked = [];
    if (asked.length === 0) return;
    this.waiting += asked.length;
    try {
      const added = await this.queue.unsyncedTogether(() => asked.map(({ key }) => this.addOne(key)));
      if (added.includes(true)) await this.toDisk();
      asked.forEach(({ resolve }, n) => resolve(added[n]!));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      this.waiting -= asked.length;
    }
  }

  private addOne({ customerId, group, wrapped, under }: NewKey): boolean {
    if (this.statements.find.get(customerId, group) || this.statements.current.get()!.number !== under) return false;
    this.statements.name.run(customerId, group, this.statements.add.run(wrapped).lastInsertRowid, under);
    return true;
  }
}
