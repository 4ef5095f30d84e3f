import { randomBytes } from 'node:crypto';
import type { DocumentWrite, ViewDefinition } from '@kendt/eventsourcing';
import type mongoose from 'mongoose';
import { type MongoStore, written } from './connection.js';
import { type Collection, type Kept, notExpired, toKept } from './document.js';
import { isDuplicate } from './failures.js';

interface WriteErrors {
  readonly writeErrors?: { readonly index: number; readonly code: number } | readonly { readonly index: number; readonly code: number }[];
  readonly result?: mongoose.mongo.BulkWriteResult;
}

/** Many guarded writes in few journeys. Gives the ids of those whose guard did not hold, in their order. */
export const writeBatch = async <T extends object>(
  store: MongoStore, collection: Collection, definition: ViewDefinition<T>, writes: readonly DocumentWrite<T>[], now: Date,
): Promise<string[]> => {
  const conflicts: DocumentWrite<T>[] = [];
  for (const round of roundsOf(writes)) {
    const [puts, deletions] = [round.filter(({ value }) => value !== undefined), round.filter(({ value }) => value === undefined)];
    conflicts.push(...(await store.call(() => putAll(collection, definition, puts, now))));
    conflicts.push(...(await store.call(() => deleteAll(collection, deletions, now))));
  }
  return writes.filter((write) => conflicts.includes(write)).map(({ id }) => id);
};

/** What concerns the same document comes one after the other; all others go together. */
const roundsOf = <T extends object>(writes: readonly DocumentWrite<T>[]): DocumentWrite<T>[][] => {
  const seen = new Map<string, number>();
  const rounds: DocumentWrite<T>[][] = [];
  for (const write of writes) {
    const round = seen.get(write.id) ?? 0;
    seen.set(write.id, round + 1);
    (rounds[round] ??= []).push(write);
  }
  return rounds;
};

const putAll = async <T extends object>(collection: Collection, definition: ViewDefinition<T>, puts: readonly DocumentWrite<T>[], now: Date): Promise<DocumentWrite<T>[]> => {
  if (puts.length === 0) return [];
  const batch = randomBytes(8).toString('base64url');
  const kept = puts.map(({ id, value, revision }) => toKept(definition, id, value!, revision, { batch }));
  const operations = puts.map(({ replaces }, n) => operation(kept[n]!, replaces, now));
  const { matched, taken } = await bulkWrite(collection, operations);
  const replacements = puts.filter(({ replaces }) => replaces !== null);
  const conflicts = await instead(collection, puts, kept, taken, now);
  return matched === replacements.length ? conflicts : [...conflicts, ...(await notStanding(collection, replacements, batch))];
};

const operation = (kept: Kept, replaces: string | null, now: Date): mongoose.mongo.AnyBulkWriteOperation<Kept> => {
  if (replaces === null) return { insertOne: { document: kept } };
  const { _id, ...replacement } = kept;
  return { replaceOne: { filter: { _id, revision: replaces, ...notExpired(now) }, replacement } };
};

/** How many replacements found what they were to replace, and which inserts found their place taken. */
const bulkWrite = async (collection: Collection, operations: mongoose.mongo.AnyBulkWriteOperation<Kept>[]): Promise<{ matched: number; taken: Set<number> }> => {
  try {
    const { matchedCount } = await collection.bulkWrite(operations, { ordered: false, writeConcern: written });
    return { matched: matchedCount, taken: new Set() };
  } catch (error) {
    const { writeErrors = [], result } = error as WriteErrors;
    const errors = [writeErrors].flat();
    if (!result || errors.length === 0 || !errors.every(isDuplicate)) throw error;
    return { matched: result.matchedCount, taken: new Set(errors.map(({ index }) => index)) };
  }
};

/** What has expired, and is not removed yet, counts as missing. */
const instead = async <T extends object>(collection: Collection, puts: readonly DocumentWrite<T>[], kept: readonly Kept[], taken: ReadonlySet<number>, now: Date): Promise<DocumentWrite<T>[]> => {
  const conflicts: DocumentWrite<T>[] = [];
  for (const n of taken) {
    const { _id, ...replacement } = kept[n]!;
    const { matchedCount } = await collection.replaceOne({ _id, expires: { $lte: now } }, replacement, { writeConcern: written });
    if (matchedCount === 0) conflicts.push(puts[n]!);
  }
  return conflicts;
};

/** The server counts what it has replaced, but does not say which: those that do not stand as this batch has written them were not. */
const notStanding = async <T extends object>(collection: Collection, replacements: readonly DocumentWrite<T>[], batch: string): Promise<DocumentWrite<T>[]> => {
  const ids = replacements.map(({ id }) => id);
  const standing = await collection.find({ _id: { $in: ids }, batch }, { projection: { _id: 1 } }).toArray();
  const ours = new Set(standing.map(({ _id }) => _id));
  return replacements.filter(({ id }) => !ours.has(id));
};

/** Each by itself: a count of many would not tell which. They are few. */
const deleteAll = async <T extends object>(collection: Collection, deletions: readonly DocumentWrite<T>[], now: Date): Promise<DocumentWrite<T>[]> => {
  const deleted = await Promise.all(
    deletions.map(async ({ id, replaces }) => {
      if (replaces === null) return (await collection.countDocuments({ _id: id, ...notExpired(now) })) === 0;
      return (await collection.deleteOne({ _id: id, revision: replaces, ...notExpired(now) }, { writeConcern: written })).deletedCount === 1;
    }),
  );
  return deletions.filter((_, n) => !deleted[n]);
};
