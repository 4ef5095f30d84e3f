import { existsSync } from 'node:fs';
import type { KeyRing, KeyWrapper } from '@kendt/eventsourcing';
import { Failure, type Terminal } from './failure.js';

type Told<T> = T | Promise<T>;

/** Of any store. */
export interface Ring extends Pick<KeyRing, 'destroy' | 'isDestroyed' | 'tombstones' | 'close'> {
  readonly rotation: {
    state(): Told<{ readonly id: string; readonly since: string | undefined; readonly left: number }>;
    knows(id: string): Told<boolean>;
    run(to: KeyWrapper, progress: (done: number, of: number) => void): Promise<number>;
  };
}

export interface Place {
  readonly secretsDir: string;
  readonly ring: Ring;
  /** In the folder of secrets, the one in use first. */
  readonly keys: readonly Buffer[];
}

/** That the settings name. Each adapter is loaded only when it is asked for. */
export const openKeyRing = async ({ env }: Terminal): Promise<Place> => {
  const { readConfig, readKeyEncryptionKeys, resolveReference } = await import('@kendt/nest');
  const { openByScheme } = await import('@kendt/by-url');
  const { keysUrl, secretsDir } = readConfig(env);
  try {
    const keys = await readKeyEncryptionKeys(secretsDir);
    const options = { keyEncryptionKey: keys[0]!, readKeyEncryptionKeys: async () => keys };
    const mongodb = async (url: string): Promise<Ring> => (await import('@kendt/mongodb')).MongoKeyRing.open({ url, ...options, resolve: (reference) => resolveReference(reference, env) });
    const sqlite = async (_: string, file: string): Promise<Ring> => (await import('@kendt/sqlite')).SqliteKeyRing.open({ file: there(file), ...options });
    return { secretsDir, keys, ring: await openByScheme<Ring>('KEYS_URL', keysUrl, { sqlite, mongodb, 'mongodb+srv': mongodb }) };
  } catch (cause) {
    throw cause instanceof Failure ? cause : new Failure((cause as Error).message, { cause });
  }
};

const there = (file: string): string => {
  if (existsSync(file)) return file;
  throw new Failure(`There is no key ring ${file}: set DATA_DIR or KEYS_URL to where it lies.`);
};
