import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Compared, type DataKey, type KeyRing, type KeyWrapper, localKeyWrapper, placeOf, type Tombstone } from '@kendt/eventsourcing';
import type { DataGroup } from '@kendt/kernel';
import mongoose from 'mongoose';
import { journaled, MongoStore, type OpenMongo } from './connection.js';
import { viewOf } from './document.js';
import { DocumentDamaged, unlessTaken } from './failures.js';
import { bytesOf, type Comparisons, type KeptKey, type Keys, modelsOf } from './key-ring.documents.js';
import { KeyRotation } from './key-ring.rotation.js';
import { KeyWrappers } from './key-ring.wrappers.js';

export interface OpenMongoKeyRing extends OpenMongo {
  /** 32 bytes, kept in a file elsewhere. */
  readonly keyEncryptionKey: Uint8Array;
  /** All of them, read again: asked when a key lies under one that is not known yet, because a rotation is going on. */
  readonly readKeyEncryptionKeys?: () => Promise<readonly Uint8Array[]>;
}

const setting = 'KEYS_URL';
/** What was written just now is read once a majority has it. */
const untilSeenMs = 10;
const pageSize = 500;

/** The key ring in a database of its own. A key is read only once a majority has it, so that no fail-over takes back what something was sealed with. */
export class MongoKeyRing implements KeyRing {
  /** Under another key-encryption key. */
  readonly rotation: KeyRotation;
  private current: { readonly number: number } | undefined;

  private constructor(
    private readonly store: MongoStore,
    private readonly keys: Keys,
    private readonly comparisons: Comparisons,
    private readonly wrappers: KeyWrappers,
  ) {
    this.rotation = new KeyRotation(store, keys, wrappers);
  }

  /** @throws Error with one sentence for the operator; Refusal `STORE_AWAY` when the server does not answer. */
  static async open({ keyEncryptionKey, readKeyEncryptionKeys = async () => [], ...options }: OpenMongoKeyRing): Promise<MongoKeyRing> {
    const first = localKeyWrapper(keyEncryptionKey);
    const store = await MongoStore.open(options, { setting, what: 'key ring' });
    try {
      await mustBeApart(store);
      const { keys, keyEncryptionKeys, compared } = modelsOf(store.connection);
      await store.call(() => Promise.all([keys.createIndexes(), keyEncryptionKeys.createIndexes()]));
      const db = store.connection.db!;
      const wrappers = new KeyWrappers(store, db.collection(keyEncryptionKeys.collection.name), [first], async () => (await readKeyEncryptionKeys()).map(localKeyWrapper));
      await wrappers.first(first);
      const ring = new MongoKeyRing(store, db.collection(keys.collection.name), db.collection(compared.collection.name), wrappers);
      await ring.mustFit(first);
      return ring;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async obtain(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    for (;;) {
      const kept = await this.kept(customerId, group);
      if (kept) return this.unwrap(kept);
      const made = await this.make(customerId, group);
      if (made) return made;
      await sleep(untilSeenMs);
    }
  }

  async find(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    const kept = await this.kept(customerId, group);
    return kept && this.unwrap(kept);
  }

  async destroy(customerId: string, group: DataGroup): Promise<void> {
    const _id = placeOf(customerId, group);
    const change = { $set: { customer: customerId, group, destroyedAt: new Date().toISOString() }, $unset: { wrapped: 1, under: 1 } } as const;
    for (;;) {
      const { matchedCount } = await this.store.call(() => this.keys.updateOne({ _id, destroyedAt: { $exists: false } }, change, { writeConcern: journaled }));
      if (matchedCount === 1) return;
      if (await this.store.call(() => unlessTaken(this.keys.insertOne({ _id, ...change.$set }, { writeConcern: journaled })))) return;
      // Either it was destroyed before, or it was made in this moment.
      if ((await this.kept(customerId, group))?.destroyedAt !== undefined) return;
      await sleep(untilSeenMs);
    }
  }

  async isDestroyed(customerId: string, group: DataGroup): Promise<boolean> {
    return (await this.kept(customerId, group))?.destroyedAt !== undefined;
  }

  async *tombstones(): AsyncIterable<Tombstone> {
    for (let after = ''; ; ) {
      const page = await this.store.call(() =>
        this.keys.find({ _id: { $gt: after }, destroyedAt: { $exists: true } }, { sort: { _id: 1 }, limit: pageSize }).toArray());
      for (const { customer, group, destroyedAt } of page) yield { customerId: customer, group: group as DataGroup, destroyedAt: destroyedAt! };
      if (page.length < pageSize) return;
      after = page.at(-1)!._id;
    }
  }

  async compared(): Promise<Compared | undefined> {
    return (await this.store.call(() => this.comparisons.findOne({ _id: 'log' }, { projection: { _id: 0 } }))) ?? undefined;
  }

  async noteCompared({ stream, id, position }: Compared): Promise<void> {
    await this.store.call(() => this.comparisons.updateOne({ _id: 'log' }, { $set: { stream, id, position } }, { upsert: true, writeConcern: journaled }));
  }

  async close(): Promise<void> {
    await this.store.close();
  }

  private async kept(customerId: string, group: DataGroup): Promise<KeptKey | undefined> {
    return (await this.store.call(() => this.keys.findOne({ _id: placeOf(customerId, group) }))) ?? undefined;
  }

  /** `undefined` when somebody else was quicker. */
  private async make(customerId: string, group: DataGroup): Promise<DataKey | undefined> {
    const _id = placeOf(customerId, group);
    const { number } = (this.current ??= { number: (await this.wrappers.current())._id });
    const key = new Uint8Array(randomBytes(32));
    const wrapped = new mongoose.mongo.Binary(await (await this.wrappers.get(number)).wrap(key, _id));
    if (!(await this.store.call(() => unlessTaken(this.keys.insertOne({ _id, customer: customerId, group, wrapped, under: number }, { writeConcern: journaled }))))) return undefined;
    const now = await this.wrappers.current();
    if (now._id !== number) {
      this.current = { number: now._id };
      await this.rotation.rewrapLate(_id, await this.wrappers.get(now._id), now._id); // the rotation may have passed already
    }
    return key;
  }

  private async unwrap({ _id, wrapped, under, destroyedAt }: KeptKey): Promise<DataKey | undefined> {
    if (destroyedAt !== undefined) return undefined;
    if (!wrapped || under === undefined) throw new DocumentDamaged('A key');
    const wrapper = await this.wrappers.get(under);
    try {
      return await wrapper.unwrap(bytesOf(wrapped), _id);
    } catch (cause) {
      throw new DocumentDamaged('A key', cause);
    }
  }

  /** Without it a wrong key would show only when the first customer is read. */
  private async mustFit(first: KeyWrapper): Promise<void> {
    const inUse = (await this.wrappers.current())._id;
    const under = await this.store.call(() => this.keys.distinct('under'));
    for (const number of new Set([inUse, ...under.filter((one) => typeof one === 'number')])) {
      if (await this.wrappers.find(number)) continue;
      const id = await this.wrappers.idOf(number);
      if (id === undefined) throw new Error(`The key ring of ${setting} names a key-encryption key that it does not know. It was altered; restore it from a backup.`);
      throw new Error(`The key ring of ${setting} was made with another key-encryption key (${id}, not ${first.id}). Put that key back; without it no customer can be read.`);
    }
  }
}

/** A backup of one must not be a backup of both. */
const mustBeApart = async (store: MongoStore): Promise<void> => {
  if ((await store.collections()).some((name) => viewOf(name) !== undefined)) throw new Error(`${setting} names a database that holds views: keys need one of their own, with a user of its own.`);
};
