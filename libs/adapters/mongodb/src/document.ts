import { Buffer } from 'node:buffer';
import { type Document, indexValues, type ViewDefinition } from '@kendt/eventsourcing';
import mongoose, { type Connection, type Model } from 'mongoose';
import { DocumentDamaged } from './failures.js';

/** A document of a view, as it lies in MongoDB. */
export interface Kept {
  readonly _id: string;
  readonly revision: string;
  /** JSON: whatever a view holds comes back as it was, and no name of a field can mean anything to the server. */
  readonly value: string;
  /** By declared index: one value, or several. What has only one is a text, so that such an index gives out its documents in order. */
  readonly index: Readonly<Record<string, string | readonly string[]>>;
  readonly expires?: Date;
  /** Of the batch that has written it, so that a batch can tell which of its documents stand. */
  readonly batch?: string;
}

export type Collection = mongoose.mongo.Collection<Kept>;

const prefix = 'view.';
export const collectionOf = (view: string): string => `${prefix}${view}`;
export const viewOf = (collection: string): string | undefined => (collection.startsWith(prefix) ? collection.slice(prefix.length) : undefined);

/** The index that serves looking by `name`. Named in queries, so that none is ever answered by walking over everything. */
export const servedBy = (name: string): Record<string, 1> => ({ [`index.${name}`]: 1, _id: 1 });

/** One per view: strict, with the view's own indexes. */
export const modelOf = <T extends object>(connection: Connection, { name, indexes = {} }: ViewDefinition<T>): Model<Kept> => {
  const Mixed = mongoose.Schema.Types.Mixed; // a text or several
  const index = Object.fromEntries(Object.keys(indexes).map((one) => [one, { type: Mixed }]));
  const fields = { _id: String, revision: { type: String, required: true }, value: { type: String, required: true }, index, expires: Date, batch: String };
  const schema = new mongoose.Schema<Kept>(fields, { collection: collectionOf(name), strict: 'throw', strictQuery: 'throw', versionKey: false, minimize: false });
  schema.index({ expires: 1 }, { expireAfterSeconds: 0 });
  for (const one of Object.keys(indexes)) schema.index(servedBy(one));
  return connection.model<Kept>(collectionOf(name), schema, undefined, { overwriteModels: true });
};

export const toKept = <T extends object>({ indexes = {} }: ViewDefinition<T>, id: string, value: T, revision: string, more: Pick<Kept, 'expires' | 'batch'>): Kept => {
  const index: Record<string, string | string[]> = {};
  for (const [name, of] of Object.entries(indexes)) {
    const values = indexValues(of, value);
    if (values.length > 0) index[name] = values.length === 1 ? values[0]! : values;
  }
  return { _id: id, revision, value: JSON.stringify(value), index, ...more };
};

/** @throws DocumentDamaged */
export const toDocument = <T>(view: string, { _id: id, revision, value }: Kept): Document<T> => {
  try {
    if (typeof id === 'string' && typeof revision === 'string') return { id, revision, value: JSON.parse(value) as T };
  } catch (cause) {
    throw new DocumentDamaged(`A document of ${view}`, cause);
  }
  throw new DocumentDamaged(`A document of ${view}`);
};

export const isLive = ({ expires }: Pick<Kept, 'expires'>, now: Date): boolean => expires === undefined || expires > now;
export const notExpired = (now: Date) => ({ expires: { $not: { $lte: now } } });

/** In the order of UTF-8, as the server has it. */
export const smallest = (values: string | readonly string[]): string =>
  typeof values === 'string' ? values : values.reduce((least, one) => (Buffer.compare(Buffer.from(one), Buffer.from(least)) < 0 ? one : least));
