import { type KeyWrapper, KnownWrappers } from '@kendt/eventsourcing';
import { journaled, type MongoStore } from './connection.js';
import { unlessTaken } from './failures.js';
import type { KeptKeyEncryptionKey, KeyEncryptionKeys } from './key-ring.documents.js';

/** The key-encryption keys that were ever in use, by number, and the wrappers that are known. */
export class KeyWrappers extends KnownWrappers {
  constructor(
    private readonly store: MongoStore,
    private readonly kept: KeyEncryptionKeys,
    known: readonly KeyWrapper[],
    readAgain: () => Promise<readonly KeyWrapper[]>,
  ) {
    super(async (number) => (await store.call(() => kept.findOne({ _id: number })))?.id, known, readAgain);
  }

  /** The one in use. @throws Error where none is there: `first` makes it */
  async current(): Promise<KeptKeyEncryptionKey> {
    const [found] = await this.store.call(() => this.kept.find({}, { sort: { _id: -1 }, limit: 1 }).toArray());
    if (!found) throw new Error('The key ring names no key-encryption key. It was altered; restore it from a backup.');
    return found;
  }

  /** In a new key ring this one is in use. */
  async first(wrapper: KeyWrapper): Promise<void> {
    if ((await this.store.call(() => this.kept.countDocuments({}, { limit: 1 }))) === 0) await this.add({ _id: 1, id: wrapper.id });
  }

  /** False where another was quicker. */
  async add(kept: KeptKeyEncryptionKey): Promise<boolean> {
    return this.store.call(() => unlessTaken(this.kept.insertOne(kept, { writeConcern: journaled })));
  }

  async knows(id: string): Promise<boolean> {
    return (await this.store.call(() => this.kept.findOne({ id }))) !== null;
  }
}
