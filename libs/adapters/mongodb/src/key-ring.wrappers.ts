import type { KeyWrapper } from '@kendt/eventsourcing';
import { journaled, type MongoStore } from './connection.js';
import { unlessTaken } from './failures.js';
import type { KeptKeyEncryptionKey, KeyEncryptionKeys } from './key-ring.documents.js';

/** The key-encryption keys that were ever in use, by number, and the wrappers that are known. Looks again where they are kept when a rotation has brought one. */
export class KeyWrappers {
  private readonly byId = new Map<string, KeyWrapper>();
  private readonly ids = new Map<number, string>();

  constructor(
    private readonly store: MongoStore,
    private readonly kept: KeyEncryptionKeys,
    known: readonly KeyWrapper[],
    private readonly readAgain: () => Promise<readonly KeyWrapper[]>,
  ) {
    this.learn(known);
  }

  learn(wrappers: readonly KeyWrapper[]): void {
    for (const wrapper of wrappers) this.byId.set(wrapper.id, wrapper);
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

  async idOf(number: number): Promise<string | undefined> {
    const known = this.ids.get(number);
    if (known !== undefined) return known;
    const id = (await this.store.call(() => this.kept.findOne({ _id: number })))?.id;
    if (id !== undefined) this.ids.set(number, id); // a number is never given to another
    return id;
  }

  async find(number: number): Promise<KeyWrapper | undefined> {
    const id = await this.idOf(number);
    if (id === undefined) return undefined;
    if (!this.byId.has(id)) this.learn(await this.readAgain());
    return this.byId.get(id);
  }

  /** @throws Error, never "no key": that would look erased. */
  async get(number: number): Promise<KeyWrapper> {
    const found = await this.find(number);
    if (found) return found;
    throw new Error(`The key-encryption key ${(await this.idOf(number)) ?? `number ${number}`} is not among the secrets: bring it back, without it keys cannot be opened`);
  }
}
