import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import { indexValues, type PageEnd, readPage, toCursor } from '../page.js';
import {
  type Document, type DocumentWrite, type Page, type PageOptions, type PutOptions, type View, ViewConflict, type ViewDefinition, type Views,
} from '../views.port.js';

interface Kept {
  readonly id: string;
  readonly value: string;
  readonly revision: string;
  readonly expires: number;
  readonly indexes: Readonly<Record<string, readonly string[]>>;
}

/** Views for tests: values are kept as JSON, as every real store does. */
export class MemoryViews implements Views {
  private readonly views = new Map<string, Map<string, Kept>>();

  constructor(private readonly clock: Clock = () => new Date()) {}

  async open<T extends object>(definition: ViewDefinition<T>): Promise<View<T>> {
    const documents = this.views.get(definition.name) ?? new Map<string, Kept>();
    this.views.set(definition.name, documents);
    return new MemoryView(definition, documents, this.clock);
  }

  async names(): Promise<readonly string[]> {
    return [...this.views].flatMap(([name, documents]) => (documents.size > 0 ? [name] : [])).sort(byText);
  }

  async drop(name: string): Promise<void> {
    this.views.get(name)?.clear();
  }

  async close(): Promise<void> {
    // Kept, so that a test can start a service again on the same twin.
  }
}

class MemoryView<T extends object> implements View<T> {
  constructor(
    private readonly definition: ViewDefinition<T>,
    private readonly documents: Map<string, Kept>,
    private readonly clock: Clock,
  ) {}

  async get(id: string): Promise<Document<T> | undefined> {
    const kept = this.live(id);
    return kept && toDocument<T>(kept);
  }

  async getEach(ids: readonly string[]): Promise<readonly Document<T>[]> {
    return ids.flatMap((id) => {
      const kept = this.live(id);
      return kept ? [toDocument<T>(kept)] : [];
    });
  }

  async put(id: string, value: T, { revision = randomUUID(), replaces, expiresAt }: PutOptions = {}): Promise<void> {
    if (replaces !== undefined && replaces !== (this.live(id)?.revision ?? null)) throw new ViewConflict(this.definition.name, id);
    const indexes = Object.entries(this.definition.indexes ?? {}).map(([name, index]) => [name, indexValues(index, value).sort(byText)] as const);
    this.documents.set(id, {
      id, revision, value: JSON.stringify(value), expires: expiresAt?.getTime() ?? Infinity, indexes: Object.fromEntries(indexes),
    });
  }

  async delete(id: string): Promise<void> {
    this.documents.delete(id);
  }

  async write(writes: readonly DocumentWrite<T>[]): Promise<readonly string[]> {
    const conflicts: string[] = [];
    for (const { id, value, revision, replaces } of writes)
      if (replaces !== (this.live(id)?.revision ?? null)) conflicts.push(id);
      else if (value === undefined) await this.delete(id);
      else await this.put(id, value, { revision });
    return conflicts;
  }

  async count(): Promise<number> {
    return [...this.documents.keys()].filter((id) => this.live(id)).length;
  }

  async find(index: string, value: string | { readonly upTo: string }, page: PageOptions = {}): Promise<Page<T>> {
    if (!this.definition.indexes?.[index]) throw new Error(`View ${this.definition.name} has no index ${index}`);
    return this.page(page, (kept) => {
      const values = kept.indexes[index] ?? [];
      // With `upTo` a document with several values stands where its smallest one is, once.
      return typeof value === 'string' ? values.find((one) => one === value) : values.filter((one) => byText(one, value.upTo) <= 0)[0];
    });
  }

  async list(page: PageOptions = {}): Promise<Page<T>> {
    return this.page(page, () => '');
  }

  private live(id: string): Kept | undefined {
    const kept = this.documents.get(id);
    return kept && kept.expires > this.clock().getTime() ? kept : undefined;
  }

  private page(options: PageOptions, place: (kept: Kept) => string | undefined): Page<T> {
    const { limit, after } = readPage(options);
    const found = [...this.documents.keys()].flatMap((id) => {
      const kept = this.live(id);
      const value = kept && place(kept);
      return kept === undefined || value === undefined ? [] : [{ kept, end: [value, id] as const }];
    });
    const rest = found.filter(({ end }) => !after || byEnd(end, after) > 0).sort((a, b) => byEnd(a.end, b.end));
    const last = rest.length > limit ? rest[limit - 1] : undefined;
    return { documents: rest.slice(0, limit).map(({ kept }) => toDocument<T>(kept)), ...(last && { next: toCursor(last.end) }) };
  }
}

const toDocument = <T>({ id, value, revision }: Kept): Document<T> => ({ id, revision, value: JSON.parse(value) as T });

// The order of UTF-8 bytes, as databases have it; JavaScript's own differs above U+FFFF.
const byText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const byEnd = (a: PageEnd, b: PageEnd): number => byText(a[0], b[0]) || byText(a[1], b[1]);
