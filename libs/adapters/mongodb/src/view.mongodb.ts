import { randomUUID } from 'node:crypto';
import {
  type Document, type DocumentWrite, type Page, type PageEnd, type PageOptions, type PutOptions, readPage, toCursor, type View, ViewConflict, type ViewDefinition,
} from '@kendt/eventsourcing';
import { writeBatch } from './batch.js';
import { journaled, type MongoStore } from './connection.js';
import { type Collection, isLive, type Kept, notExpired, servedBy, smallest, toDocument, toKept } from './document.js';
import { unlessTaken } from './failures.js';

type Filter = Parameters<Collection['find']>[0];

/** One collection. Every write is a single statement with its guard in the filter, so that any server that speaks MongoDB's language will do. */
export class MongoView<T extends object> implements View<T> {
  constructor(
    private readonly definition: ViewDefinition<T>,
    private readonly store: MongoStore,
    private readonly collection: Collection,
    private readonly now: () => Date,
  ) {}

  async get(id: string): Promise<Document<T> | undefined> {
    const kept = await this.store.call(() => this.collection.findOne({ _id: id }));
    return kept && isLive(kept, this.now()) ? this.toDocument(kept) : undefined;
  }

  async getEach(ids: readonly string[]): Promise<readonly Document<T>[]> {
    if (ids.length === 0) return [];
    const found = await this.store.call(() => this.collection.find({ _id: { $in: ids } }).toArray());
    return found.filter((kept) => isLive(kept, this.now())).map((kept) => this.toDocument(kept));
  }

  async put(id: string, value: T, { revision = randomUUID(), replaces, expiresAt }: PutOptions = {}): Promise<void> {
    const kept = toKept(this.definition, id, value, revision, expiresAt ? { expires: expiresAt } : {});
    if (!(await this.store.call(() => this.place(kept, replaces)))) throw new ViewConflict(this.definition.name, id);
  }

  async delete(id: string): Promise<void> {
    await this.store.call(() => this.collection.deleteOne({ _id: id }, { writeConcern: journaled }));
  }

  async write(writes: readonly DocumentWrite<T>[]): Promise<readonly string[]> {
    if (writes.length === 0) return [];
    return writeBatch(this.store, this.collection, this.definition, writes, this.now());
  }

  async find(index: string, value: string | { readonly upTo: string }, page: PageOptions = {}): Promise<Page<T>> {
    if (!this.definition.indexes?.[index]) throw new Error(`View ${this.definition.name} has no index ${index}`);
    const field = `index.${index}`;
    const order = servedBy(index);
    if (typeof value === 'string')
      return this.page(page, (after) => ({ filter: { [field]: value, ...(after && { _id: { $gt: after[1] } }) }, order: { _id: 1 }, hint: order }), () => value);
    return this.page(page, (after) => ({ filter: upTo(field, value.upTo, after), order, hint: order }), (kept) => smallest(kept.index[index] ?? ''));
  }

  async list(page: PageOptions = {}): Promise<Page<T>> {
    return this.page(page, (after) => ({ filter: after ? { _id: { $gt: after[1] } } : {}, order: { _id: 1 }, hint: { _id: 1 } }), () => '');
  }

  async count(): Promise<number> {
    return this.store.call(() => this.collection.countDocuments(notExpired(this.now())));
  }

  /** False when `replaces` does not hold. */
  private async place(kept: Kept, replaces: string | null | undefined): Promise<boolean> {
    if (replaces === null) return this.insert(kept);
    const { _id: _, ...rest } = kept;
    if (replaces !== undefined) {
      const { matchedCount } = await this.collection.replaceOne({ _id: kept._id, revision: replaces, ...notExpired(this.now()) }, rest, { writeConcern: journaled });
      return matchedCount === 1;
    }
    // Where two make it at once, one finds the place taken, and something to replace the next time.
    while (!(await unlessTaken(this.collection.replaceOne({ _id: kept._id }, rest, { upsert: true, writeConcern: journaled }))));
    return true;
  }

  private async insert(kept: Kept): Promise<boolean> {
    if (await unlessTaken(this.collection.insertOne(kept, { writeConcern: journaled }))) return true;
    const { _id: id, ...rest } = kept;
    const { matchedCount } = await this.collection.replaceOne({ _id: id, expires: { $lte: this.now() } }, rest, { writeConcern: journaled });
    return matchedCount === 1;
  }

  private async page(
    options: PageOptions,
    query: (after: PageEnd | undefined) => { readonly filter: Filter; readonly order: Record<string, 1>; readonly hint: Record<string, 1> },
    placeOf: (kept: Kept) => string,
  ): Promise<Page<T>> {
    const { limit, after } = readPage(options);
    const { filter, order, hint } = query(after);
    const live = { $and: [filter ?? {}, notExpired(this.now())] };
    const found = await this.store.call(() => this.collection.find(live, { sort: order, hint, limit: limit + 1 }).toArray()); // one more tells whether there is a next page
    const last = found.length > limit ? found[limit - 1] : undefined;
    return { documents: found.slice(0, limit).map((kept) => this.toDocument(kept)), ...(last && { next: toCursor([placeOf(last), last._id]) }) };
  }

  private toDocument(kept: Kept): Document<T> {
    return toDocument<T>(this.definition.name, kept);
  }
}

/** A document with several values stands at its smallest one: after a page's end, none of its values may lie before that. */
const upTo = (field: string, value: string, after: PageEnd | undefined): Filter =>
  (after
    ? { $and: [{ [field]: { $lte: value } }, { [field]: { $not: { $lt: after[0] } } }, { $or: [{ [field]: { $not: { $lte: after[0] } } }, { _id: { $gt: after[1] } }] }] }
    : { [field]: { $lte: value } });
