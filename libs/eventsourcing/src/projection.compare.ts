import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Document, ReadView } from './views.port.js';

export interface Comparison {
  /** In either of them. */
  readonly documents: number;
  readonly differences: number;
  /** Ids of the first few documents that differ. */
  readonly first: readonly string[];
}

const pageSize = 500;
const named = 10;
const rounds = 5;

/**
 * Compares the documents of two views but for their revisions. Both may be written to meanwhile: what differs is looked at
 * again after `settle`, which resolves once both have come equally far. @throws when `signal` aborts
 */
export const compareViews = async <T extends object>(one: ReadView<T>, other: ReadView<T>, settle: () => Promise<void>, signal?: AbortSignal): Promise<Comparison> => {
  let documents = 0;
  let differing: string[] = [];
  for await (const [id, a, b] of joined(one, other)) {
    signal?.throwIfAborted();
    documents++;
    if (!isDeepStrictEqual(a, b)) differing.push(id);
  }
  for (let round = 0; round < rounds && differing.length > 0; round++) {
    await settle();
    differing = await stillDiffering(one, other, differing);
  }
  return { documents, differences: differing.length, first: differing.slice(0, named) };
};

const stillDiffering = async <T extends object>(one: ReadView<T>, other: ReadView<T>, ids: readonly string[]): Promise<string[]> => {
  const differing: string[] = [];
  for (const id of ids) {
    const [a, b] = await Promise.all([one.get(id), other.get(id)]);
    if (!isDeepStrictEqual(a?.value, b?.value)) differing.push(id);
  }
  return differing;
};

/** Both in the order of their ids, side by side. */
async function* joined<T extends object>(one: ReadView<T>, other: ReadView<T>): AsyncIterable<readonly [id: string, T | undefined, T | undefined]> {
  const [left, right] = [each(one), each(other)];
  let [a, b] = [await left.next(), await right.next()];
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : Buffer.compare(Buffer.from(a.value.id), Buffer.from(b.value.id));
    yield [order <= 0 ? a.value!.id : b.value!.id, order <= 0 ? a.value!.value : undefined, order >= 0 ? b.value!.value : undefined];
    if (order <= 0) a = await left.next();
    if (order >= 0) b = await right.next();
  }
}

async function* each<T extends object>(view: ReadView<T>): AsyncGenerator<Document<T>, undefined> {
  let cursor: string | undefined;
  do {
    const page = await view.list({ limit: pageSize, ...(cursor !== undefined && { cursor }) });
    yield* page.documents;
    await nextTurn(); // readers are served meanwhile
    cursor = page.next;
  } while (cursor !== undefined);
  return undefined;
}
