import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyWrapper } from '@kendt/eventsourcing';
import mongoose from 'mongoose';
import { journaled, type MongoStore } from './connection.js';
import { bytesOf, type KeptKey, type Keys } from './key-ring.documents.js';
import type { KeyWrappers } from './key-ring.wrappers.js';

export interface KeyRotationState {
  /** Of the key-encryption key in use. */
  readonly id: string;
  /** ISO 8601 UTC; `undefined`: it is the first one. */
  readonly since: string | undefined;
  /** Keys that still lie under an older one: a rotation was begun and not finished. */
  readonly left: number;
}

const atOnce = 200;
/** Others write too. */
const pauseMs = 2;

/** Wraps all keys anew under another key-encryption key, while this process and others go on using them. */
export class KeyRotation {
  constructor(
    private readonly store: MongoStore,
    private readonly keys: Keys,
    private readonly wrappers: KeyWrappers,
  ) {}

  async state(): Promise<KeyRotationState> {
    const { _id, id, since } = await this.wrappers.current();
    return { id, since, left: await this.store.call(() => this.keys.countDocuments({ under: { $lt: _id } })) };
  }

  /** Whether it is or was in use here. */
  knows(id: string): Promise<boolean> {
    return this.wrappers.knows(id);
  }

  /**
   * `to` must lie where every process finds it already. From the first moment on new keys are made under it; can be cut off at any point
   * and called again. Resolves with the number of keys wrapped anew, when none lies under an older one any more.
   * @throws Error when `to` was in use before another one.
   */
  async run(to: KeyWrapper, progress: (done: number, of: number) => void = () => undefined): Promise<number> {
    this.wrappers.learn([to]);
    const number = await this.begin(to);
    const all = await this.store.call(() => this.keys.countDocuments({ under: { $lt: number } }));
    let done = 0;
    for (;;) {
      const some = await this.store.call(() => this.keys.find({ under: { $lt: number } }, { limit: atOnce }).toArray());
      if (some.length === 0) return done;
      if ((await this.wrappers.current())._id !== number) throw new Error('Another rotation has begun; this one stops');
      const anew = await Promise.all(some.map((kept) => this.wrapAnew(kept, to, number)));
      done += anew.filter(Boolean).length;
      progress(Math.min(done, all), all);
      await sleep(pauseMs);
    }
  }

  /** A key that was made while a rotation began: it may have come after the rotation had looked for the last time. */
  async rewrapLate(place: string, to: KeyWrapper, number: number): Promise<void> {
    const kept = await this.store.call(() => this.keys.findOne({ _id: place }));
    if (kept?.wrapped && kept.under !== undefined && kept.under < number) await this.wrapAnew(kept, to, number);
  }

  private async begin(to: KeyWrapper): Promise<number> {
    const current = await this.wrappers.current();
    if (current.id === to.id) return current._id;
    if (await this.wrappers.knows(to.id)) throw new Error(`The key-encryption key ${to.id} was in use before ${current.id}: take a new one`);
    const _id = current._id + 1;
    if (await this.wrappers.add({ _id, id: to.id, since: new Date().toISOString() })) return _id;
    throw new Error('Another rotation has begun; this one stops');
  }

  /** What was destroyed meanwhile stays so. */
  private async wrapAnew({ _id, customer, group, wrapped, under }: KeptKey, to: KeyWrapper, number: number): Promise<boolean> {
    const wrapper = await this.wrappers.get(under!);
    let anew: mongoose.mongo.Binary;
    try {
      anew = new mongoose.mongo.Binary(await to.wrap(await wrapper.unwrap(bytesOf(wrapped!), _id), _id));
    } catch (cause) {
      throw new Error(`The key of ${customer} (${group}) cannot be opened: the key ring is damaged or was altered`, { cause });
    }
    const { matchedCount } = await this.store.call(() =>
      this.keys.updateOne({ _id, under: under!, wrapped: { $exists: true } }, { $set: { wrapped: anew, under: number } }, { writeConcern: journaled }));
    return matchedCount === 1;
  }
}
