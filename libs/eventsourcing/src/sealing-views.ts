import type { KeyObject } from 'node:crypto';
import { type CachedKeyRing, cachedKeys } from './key-ring.cached.js';
import type { KeyRing } from './key-ring.port.js';
import { indexValues } from './page.js';
import { decrypt, encrypt, IntegrityError, type Sealed } from './sealed.js';
import type { Document, DocumentWrite, Page, PageOptions, Personal, PutOptions, View, ViewDefinition, Views } from './views.port.js';

interface SealedDocument extends Sealed {
  readonly index: Readonly<Record<string, readonly string[]>>;
}

/**
 * Personal documents are sealed with the key of their customer, for a store that cannot overwrite what it deletes: once the key is
 * destroyed, what is left of them anywhere is noise. From then on nobody sees such a document, and whoever comes across it deletes it.
 */
export const sealingViews = (views: Views, ring: KeyRing): Views => {
  const keys = cachedKeys(ring);
  return {
    open: async <T extends object>(definition: ViewDefinition<T>) => {
      const { name, indexes = {}, personal } = definition;
      if (!personal) return views.open(definition);
      const named = Object.keys(indexes).map((index) => [index, (kept: SealedDocument) => kept.index[index]] as const);
      return new SealingView(definition, personal, await views.open<SealedDocument>({ name, indexes: Object.fromEntries(named) }), keys);
    },
    names: () => views.names(),
    drop: (name) => views.drop(name),
    close: () => views.close(),
  };
};

class SealingView<T extends object> implements View<T> {
  constructor(
    private readonly definition: ViewDefinition<T>,
    private readonly personal: Personal,
    private readonly view: View<SealedDocument>,
    private readonly keys: CachedKeyRing,
  ) {}

  async get(id: string): Promise<Document<T> | undefined> {
    const found = await this.view.get(id);
    return found && (await this.opened([found]))[0];
  }

  async getEach(ids: readonly string[]): Promise<readonly Document<T>[]> {
    return this.opened(await this.view.getEach(ids));
  }

  async put(id: string, value: T, options?: PutOptions): Promise<void> {
    const key = await this.obtain(id);
    await (key === 'destroyed' ? this.view.delete(id) : this.view.put(id, this.seal(id, value, key), options));
  }

  delete(id: string): Promise<void> {
    return this.view.delete(id);
  }

  async write(writes: readonly DocumentWrite<T>[]): Promise<readonly string[]> {
    const sealed: DocumentWrite<SealedDocument>[] = [];
    for (const { value, ...write } of writes) {
      const key = value && (await this.obtain(write.id));
      if (key === 'destroyed') await this.view.delete(write.id);
      else sealed.push({ ...write, value: value && this.seal(write.id, value, key!) });
    }
    const conflicts: string[] = [];
    for (const id of await this.view.write(sealed)) {
      if ((await this.keyFor(id)) === 'destroyed') await this.view.delete(id); // somebody has deleted it before us
      else conflicts.push(id);
    }
    return conflicts;
  }

  find(index: string, value: string | { readonly upTo: string }, page: PageOptions = {}): Promise<Page<T>> {
    return this.page((next) => this.view.find(index, value, next), page);
  }

  list(page: PageOptions = {}): Promise<Page<T>> {
    return this.page((next) => this.view.list(next), page);
  }

  count(): Promise<number> {
    return this.view.count();
  }

  /** A page that only has documents of erased customers is passed over. */
  private async page(read: (page: PageOptions) => Promise<Page<SealedDocument>>, page: PageOptions): Promise<Page<T>> {
    for (let asked = page; ; ) {
      const { documents, next } = await read(asked);
      const opened = await this.opened(documents);
      if (opened.length > 0 || next === undefined) return { documents: opened, ...(next !== undefined && { next }) };
      asked = { ...page, cursor: next };
    }
  }

  private async opened(documents: readonly Document<SealedDocument>[]): Promise<Document<T>[]> {
    const opened: Document<T>[] = [];
    for (const { id, value, revision } of documents) {
      const key = this.held(id) ?? (await this.keyFor(id));
      if (key === undefined) throw new IntegrityError(`The key of ${this.definition.name} ${id} is not in this key ring`);
      if (key === 'destroyed') await this.view.delete(id);
      else opened.push({ id, revision, value: JSON.parse(decrypt(value.sealed, key, this.place(id))) as T });
    }
    return opened;
  }

  private seal(id: string, value: T, key: KeyObject): SealedDocument {
    const index = Object.entries(this.definition.indexes ?? {}).map(([name, of]) => [name, indexValues(of, value)] as const);
    return { ...encrypt(JSON.stringify(value), key, this.place(id)), index: Object.fromEntries(index) };
  }

  /** What is moved to another document, or another view, does not open. */
  private place(id: string): string {
    return `${this.definition.name}\u0000${id}`;
  }

  private held(id: string): KeyObject | 'destroyed' | undefined {
    return this.keys.held(this.personal.customerOf(id), this.personal.group);
  }

  private keyFor(id: string): Promise<KeyObject | 'destroyed' | undefined> {
    return this.keys.findKey(this.personal.customerOf(id), this.personal.group);
  }

  private async obtain(id: string): Promise<KeyObject | 'destroyed'> {
    return this.held(id) ?? (await this.keys.obtainKey(this.personal.customerOf(id), this.personal.group));
  }
}
