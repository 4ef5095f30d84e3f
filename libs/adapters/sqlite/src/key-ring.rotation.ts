import { setTimeout as sleep } from 'node:timers/promises';
import type { WalCleaner } from '@kendt/connector/embedded';
import { type KeyWrapper, type KnownWrappers, placeOf } from '@kendt/eventsourcing';
import type { NamedRow, Statements } from './key-ring.file.js';
import type { WriteQueue } from './write-queue.js';

export interface KeyRotationState {
  /** Of the key-encryption key in use. */
  readonly id: string;
  /** ISO 8601 UTC; `undefined`: it is the first one. */
  readonly since: string | undefined;
  /** Keys that still lie under an older one: a rotation was begun and not finished. */
  readonly left: number;
}

/** Others write too; a pause lets them at the file. */
const pauseMs = 2;

/** Wraps all keys anew under another key-encryption key, while this process and others go on using them. */
export class KeyRotation {
  constructor(
    private readonly statements: Statements,
    private readonly wrappers: KnownWrappers,
    private readonly queue: WriteQueue,
    private readonly cleaner: WalCleaner,
  ) {}

  state(): KeyRotationState {
    const { number, id, since } = this.statements.current.get()!;
    return { id, since: since ?? undefined, left: this.statements.countBelow.get(number)!.count };
  }

  /** Whether it is or was in use here. */
  knows(id: string): boolean {
    return this.statements.numberOf.get(id) !== undefined;
  }

  /**
   * `to` must lie where every process finds it already. From the first moment on new keys are made under it; can be cut off
   * at any point and called again. Resolves with the number of keys wrapped anew, when nothing that was wrapped under an
   * older one is in any file.
   * @throws Error when `to` was in use before another one.
   */
  async run(to: KeyWrapper, progress: (done: number, of: number) => void = () => undefined): Promise<number> {
    this.wrappers.learn([to]);
    const number = await this.queue.run(() => this.begin(to));
    const all = this.statements.countBelow.get(number)!.count;
    let done = 0;
    for (let rows = this.statements.someBelow.all(number); rows.length > 0; rows = this.statements.someBelow.all(number)) {
      done += await this.rewrap(rows, to, number);
      progress(Math.min(done, all), all);
      await sleep(pauseMs);
    }
    await this.cleaner.now(); // the old bytes were overwritten in place, but still stand in the write-ahead log
    return done;
  }

  private begin(to: KeyWrapper): number {
    const current = this.statements.current.get()!;
    if (current.id === to.id) return current.number;
    if (this.knows(to.id)) throw new Error(`The key-encryption key ${to.id} was in use before ${current.id}: take a new one`);
    return Number(this.statements.next.run(to.id, new Date().toISOString()).lastInsertRowid);
  }

  /** Opened and wrapped outside the transaction: a key-management service may take its time. What was destroyed meanwhile stays so. */
  private async rewrap(rows: readonly NamedRow[], to: KeyWrapper, number: number): Promise<number> {
    const anew = await Promise.all(rows.map((row) => this.wrapAnew(row, to)));
    return this.queue.run(() => {
      if (this.statements.current.get()!.number !== number) throw new Error('Another rotation has begun; this one stops');
      return rows.filter((row, n) => this.exchange(row, anew[n]!, number)).length;
    });
  }

  private async wrapAnew({ customer, data_group, wrapped, under }: NamedRow, to: KeyWrapper): Promise<Uint8Array> {
    const place = placeOf(customer, data_group);
    const wrapper = await this.wrappers.get(under);
    try {
      return await to.wrap(await wrapper.unwrap(wrapped, place), place);
    } catch (cause) {
      throw new Error(`The key of ${customer} (${data_group}) cannot be opened: the key ring is damaged or was altered`, { cause });
    }
  }

  /** The row keeps its size, so SQLite writes over the old bytes (see Shredder). */
  private exchange({ customer, data_group, number, wrapped }: NamedRow, anew: Uint8Array, under: number): boolean {
    if (this.statements.exchange.run(anew, number, wrapped).changes === 0) return false;
    this.statements.nowUnder.run(under, customer, data_group);
    return true;
  }
}
