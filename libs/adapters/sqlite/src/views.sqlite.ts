import { randomUUID } from 'node:crypto';
import { WalCleaner } from '@kendt/connector/embedded';
import {
  type Clock, type Document, type DocumentWrite, indexValues, type Page, type PageOptions, type PutOptions, readPage, toCursor, type View, type ViewDefinition, type Views,
} from '@kendt/eventsourcing';
import { DocumentStore, type Found, type NewDocument } from './document-store.js';
import { WriteQueue } from './write-queue.js';

export interface SqliteViewsOptions {
  readonly clock?: Clock;
  readonly expireEveryMs?: number;
}

const expireAtOnce = 200;
const dropAtOnce = 200;

/** Views in one file. What is deleted, replaced or expired can no longer be read from the disk about a second later. */
export class SqliteViews implements Views {
  private readonly queue: WriteQueue;
  private readonly cleaner: WalCleaner;
  private readonly expiry: NodeJS.Timeout;
  private closed = false;

  private constructor(
    private readonly store: DocumentStore,
    private readonly clock: Clock,
    expireEveryMs: number,
  ) {
    this.queue = new WriteQueue(store.db);
    this.cleaner = new WalCleaner(store.db);
    this.expiry = setInterval(() => void this.expire().catch(() => undefined), expireEveryMs).unref(); // tried again at the next turn
  }

  /** @throws Error with one sentence for the operator when the file is not ours, damaged, newer or cannot be written. */
  static async open(file: string, { clock = () => new Date(), expireEveryMs = 1000 }: SqliteViewsOptions = {}): Promise<SqliteViews> {
    return new SqliteViews(new DocumentStore(file), clock, expireEveryMs);
  }

  async open<T extends object>(definition: ViewDefinition<T>): Promise<View<T>> {
    return new SqliteView(definition, this);
  }

  async names(): Promise<readonly string[]> {
    return this.read((store) => store.names());
  }

  async drop(name: string): Promise<void> {
    for (let more = true; more; ) await this.write((store) => ((more = store.dropSome(name, dropAtOnce)), true));
  }

  /** Resolves once nothing that was deleted before is left in any file. */
  async purge(): Promise<void> {
    await this.expire();
    await this.cleaner.now();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.queue.flush();
    this.closed = true;
    clearInterval(this.expiry);
    this.cleaner.stop();
    this.store.db.close();
  }

  read<R>(work: (store: DocumentStore, now: number) => R): R {
    if (this.closed) throw new Error('The store of views is closed');
    return work(this.store, this.clock().getTime());
  }

  /** `work` says whether it took something away. */
  async write(work: (store: DocumentStore, now: number) => boolean): Promise<void> {
    const took = await this.queue.run(() => this.read(work));
    if (took) this.cleaner.soon();
  }

  /** Without waiting for the disk; `work` says whether it took something away. */
  async writeUnsynced(work: (store: DocumentStore, now: number) => boolean): Promise<void> {
    if (await this.queue.unsyncedTogether(() => this.read(work))) this.cleaner.soon();
  }

  private async expire(): Promise<void> {
    const expired = this.read((store, now) => store.expired(now, expireAtOnce));
    if (expired.length === 0) return;
    // Looked at again: a document may have been put anew since.
    await this.write((store, now) => store.expired(now, expireAtOnce).map(({ view, id }) => store.delete(view, id)).some(Boolean));
    if (expired.length === expireAtOnce) await this.expire();
  }
}

class SqliteView<T extends object> implements View<T> {
  constructor(
    private readonly definition: ViewDefinition<T>,
    private readonly views: SqliteViews,
  ) {}

  async get(id: string): Promise<Document<T> | undefined> {
    return this.views.read((store, now) => store.get<T>(this.definition.name, id, now));
  }

  async getEach(ids: readonly string[]): Promise<readonly Document<T>[]> {
    return this.views.read((store, now) => store.getEach<T>(this.definition.name, ids, now));
  }

  async put(id: string, value: T, { revision = randomUUID(), replaces, expiresAt }: PutOptions = {}): Promise<void> {
    const document = this.newDocument(id, value, revision, replaces, expiresAt?.getTime() ?? null);
    await this.views.write((store, now) => store.put(document, now));
  }

  async delete(id: string): Promise<void> {
    await this.views.write((store) => store.delete(this.definition.name, id));
  }

  async write(writes: readonly DocumentWrite<T>[]): Promise<readonly string[]> {
    const conflicts: string[] = [];
    await this.views.writeUnsynced((store, now) => {
      let took = false;
      for (const write of writes)
        if (this.writeOne(store, write, now, conflicts)) took = true;
      return took;
    });
    return conflicts;
  }

  async count(): Promise<number> {
    return this.views.read((store, now) => store.count(this.definition.name, now));
  }

  async find(index: string, value: string | { readonly upTo: string }, page: PageOptions = {}): Promise<Page<T>> {
    const view = this.definition.name;
    if (!this.definition.indexes?.[index]) throw new Error(`View ${view} has no index ${index}`);
    return this.page(page, (store, now, after, limit) =>
      typeof value === 'string' ? store.findExact<T>(view, index, value, now, after, limit) : store.findUpTo<T>(view, index, value.upTo, now, after, limit),
    );
  }

  async list(page: PageOptions = {}): Promise<Page<T>> {
    return this.page(page, (store, now, after, limit) => store.list<T>(this.definition.name, now, after, limit));
  }

  private newDocument(id: string, value: T, revision: string, replaces: string | null | undefined, expires: number | null): NewDocument {
    const indexes = Object.entries(this.definition.indexes ?? {}).flatMap(([name, index]) => indexValues(index, value).map((one) => [name, one] as const));
    return { view: this.definition.name, id, value: JSON.stringify(value), revision, replaces, expires, indexes };
  }

  private writeOne(store: DocumentStore, { id, value, revision, replaces }: DocumentWrite<T>, now: number, conflicts: string[]): boolean {
    const { name } = this.definition;
    if (value !== undefined) {
      const took = store.tryPut(this.newDocument(id, value, revision, replaces, null), now);
      if (took === undefined) conflicts.push(id);
      return took ?? false;
    }
    if (store.revisionOf(name, id, now) === replaces) return store.delete(name, id);
    conflicts.push(id);
    return false;
  }

  private page(options: PageOptions, read: (store: DocumentStore, now: number, after: ReturnType<typeof readPage>['after'], limit: number) => Found<T>[]): Page<T> {
    const { limit, after } = readPage(options);
    const found = this.views.read((store, now) => read(store, now, after, limit + 1)); // one more tells whether there is a next page
    const last = found.length > limit ? found[limit - 1] : undefined;
    const documents = found.slice(0, limit).map(({ id, value, revision }) => ({ id, value, revision }));
    return { documents, ...(last && { next: toCursor(last.end) }) };
  }
}
