import type { DataGroup } from '@kendt/kernel';

/** What an index gives for a document: nothing, one value or several. */
export type IndexValue = string | readonly string[] | undefined;

/** Whose data the documents of a view are. */
export interface Personal {
  readonly group: DataGroup;
  /** Told from a document's id. */
  readonly customerOf: (id: string) => string;
}

export interface ViewDefinition<T extends object> {
  /** With its version: `customers@1`. */
  readonly name: string;
  /** Looked up with {@link View.find}; computed by the writer, so every store can hold them alike. */
  readonly indexes?: Readonly<Record<string, (value: T) => IndexValue>>;
  /** Where documents hold personal data that can be read. Index values must hold none. */
  readonly personal?: Personal;
}

export interface Document<T> {
  readonly id: string;
  readonly value: T;
  /** What the last writer gave; the guard of the next. A projection uses the position of the event it applied. */
  readonly revision: string;
}

export interface PutOptions {
  /** The new revision; a random one unless told. */
  readonly revision?: string;
  /** The revision that must stand there now; `null`: the document must not exist; left out: whatever stands there. */
  readonly replaces?: string | null;
  /** Not given out from then on, and removed soon after. */
  readonly expiresAt?: Date;
}

/** One of many guarded writes that go together. */
export interface DocumentWrite<T> {
  readonly id: string;
  /** `undefined` deletes. */
  readonly value: T | undefined;
  readonly revision: string;
  /** The revision that must stand there now; `null`: the document must not exist. */
  readonly replaces: string | null;
}

export interface PageOptions {
  /** 1 to 1000; 100 unless told. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface Page<T> {
  readonly documents: readonly Document<T>[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** A keyed collection of JSON documents that can be thrown away and built again. */
export interface View<T extends object> {
  get(id: string): Promise<Document<T> | undefined>;
  /** Those of the documents that are there, in no promised order. */
  getEach(ids: readonly string[]): Promise<readonly Document<T>[]>;
  /** @throws ViewConflict when `replaces` does not hold. */
  put(id: string, value: T, options?: PutOptions): Promise<void>;
  /** A missing document is no error. What is deleted may be personal data: it is overwritten on disk, or lay there sealed (see {@link Personal}). */
  delete(id: string): Promise<void>;
  /**
   * For what can be projected again: many guarded writes, each by itself, without waiting for the disk. A power cut may take
   * the latest of them back, never an earlier one alone; `put` and `delete` are on disk when they resolve.
   * @returns the ids whose `replaces` did not hold; there nothing was changed.
   */
  write(writes: readonly DocumentWrite<T>[]): Promise<readonly string[]>;
  /** By declared index: an exact value, or everything up to and including `upTo` in string order. Ordered by value, then id. */
  find(index: string, value: string | { readonly upTo: string }, page?: PageOptions): Promise<Page<T>>;
  /** Every document, ordered by id. */
  list(page?: PageOptions): Promise<Page<T>>;
  count(): Promise<number>;
}

/** What readers need of a view. */
export type ReadView<T extends object> = Pick<View<T>, 'get' | 'find' | 'list'>;

export interface Views {
  open<T extends object>(definition: ViewDefinition<T>): Promise<View<T>>;
  /** Of every view that has a document, in order. */
  names(): Promise<readonly string[]>;
  /** Deletes every document of a view, some at a time. */
  drop(name: string): Promise<void>;
  close(): Promise<void>;
}

export class ViewConflict extends Error {
  override readonly name = 'ViewConflict';

  constructor(
    readonly view: string,
    readonly id: string,
  ) {
    super(`Document ${id} of ${view} was changed by somebody else`);
  }
}
