import type { Compared } from '@kendt/eventsourcing';
import mongoose, { type Connection, type Model } from 'mongoose';

/** One key, or what is left of it. `_id` names customer and group, so that there is never a second one. */
export interface KeptKey {
  readonly _id: string;
  readonly customer: string;
  readonly group: string;
  /** Absent: destroyed. */
  readonly wrapped?: mongoose.mongo.Binary;
  /** The number of the key-encryption key that it lies under. */
  readonly under?: number;
  /** ISO 8601 UTC. */
  readonly destroyedAt?: string;
}

/** A key-encryption key by its name. The one with the highest number is in use. */
export interface KeptKeyEncryptionKey {
  readonly _id: number;
  readonly id: string;
  /** When a rotation brought it; absent for the first one. */
  readonly since?: string;
}

/** One document: how far the event log was compared with the ring. */
export interface KeptComparison extends Compared {
  readonly _id: 'log';
}

export type Keys = mongoose.mongo.Collection<KeptKey>;
export type KeyEncryptionKeys = mongoose.mongo.Collection<KeptKeyEncryptionKey>;
export type Comparisons = mongoose.mongo.Collection<KeptComparison>;

const strict = { strict: 'throw', strictQuery: 'throw', versionKey: false } as const;

const keysSchema = new mongoose.Schema<KeptKey>(
  { _id: String, customer: { type: String, required: true }, group: { type: String, required: true }, wrapped: Buffer, under: Number, destroyedAt: String },
  { collection: 'keys', ...strict },
);
keysSchema.index({ under: 1, _id: 1 });

const keyEncryptionKeysSchema = new mongoose.Schema<KeptKeyEncryptionKey>(
  { _id: Number, id: { type: String, required: true }, since: String },
  { collection: 'key_encryption_keys', ...strict },
);
keyEncryptionKeysSchema.index({ id: 1 }, { unique: true });

const comparedSchema = new mongoose.Schema<KeptComparison>(
  { _id: String, stream: { type: String, required: true }, id: { type: String, required: true }, position: { type: String, required: true } },
  { collection: 'compared', ...strict },
);

interface Models {
  readonly keys: Model<KeptKey>;
  readonly keyEncryptionKeys: Model<KeptKeyEncryptionKey>;
  readonly compared: Model<KeptComparison>;
}

export const modelsOf = (connection: Connection): Models => ({
  keys: connection.model<KeptKey>('keys', keysSchema),
  keyEncryptionKeys: connection.model<KeptKeyEncryptionKey>('key_encryption_keys', keyEncryptionKeysSchema),
  compared: connection.model<KeptComparison>('compared', comparedSchema),
});

export const bytesOf = ({ buffer, position }: mongoose.mongo.Binary): Uint8Array => new Uint8Array(buffer.subarray(0, position));
