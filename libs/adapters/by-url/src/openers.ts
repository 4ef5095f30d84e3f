import type { EventStore, KeyRing, Topics, Views } from '@kendt/eventsourcing';
import type { Openers } from './by-scheme.js';

/** What an adapter may need besides its address. */
export interface Means {
  /** What `env:NAME` or `file:PATH` stands for. */
  resolve(reference: string): string;
  /** The reference of the password of the user that the address of the event store names. */
  readonly eventStorePassword?: string | undefined;
  /** What wraps the keys of customers: the one in use, and all of them. */
  readonly keyEncryption?: { readonly inUse: Buffer; all(): Promise<readonly Buffer[]> } | undefined;
}

/** Each adapter is loaded only when it is asked for: it brings a client of its product with it. */
export const eventStores = ({ eventStorePassword, resolve }: Means): Openers<EventStore> => {
  const kurrentdb = async (url: string): Promise<EventStore> => {
    const { KurrentEventStore } = await import('@kendt/kurrentdb');
    return KurrentEventStore.open({ url, ...(eventStorePassword && { password: resolve(eventStorePassword) }) });
  };
  return { sqlite: async (_, file) => (await import('@kendt/sqlite')).SqliteEventStore.open(file), kurrentdb, 'kurrentdb+discover': kurrentdb };
};

export const viewStores = (): Openers<Views> => ({
  sqlite: async (_, file) => (await import('@kendt/sqlite')).SqliteViews.open(file),
});

export const topicStores = ({ resolve }: Means): Openers<Topics> => {
  const kafka = async (url: string): Promise<Topics> => (await import('@kendt/kafka')).KafkaTopics.open({ url, setting: 'TOPICS_URL', resolve });
  return { sqlite: async (_, file) => (await import('@kendt/sqlite')).SqliteTopics.open(file), kafka, kafkas: kafka };
};

export const keyRings = ({ keyEncryption }: Means): Openers<KeyRing> => {
  const wrapped = (): { keyEncryptionKey: Buffer; readKeyEncryptionKeys: () => Promise<readonly Buffer[]> } => {
    if (!keyEncryption) throw new Error('A key ring is opened with the key-encryption key');
    return { keyEncryptionKey: keyEncryption.inUse, readKeyEncryptionKeys: () => keyEncryption.all() };
  };
  return { sqlite: async (_, file) => (await import('@kendt/sqlite')).SqliteKeyRing.open({ file, ...wrapped() }) };
};
