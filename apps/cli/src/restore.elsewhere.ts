import type { Tombstone, Views } from '@kendt/eventsourcing';
import type { Places } from './backup.places.js';
import { Failure, type Terminal } from './failure.js';
import { openKeyRing, type Ring } from './key-ring.js';
import { keyNameOf } from './restore.erasures.js';

/** What does not lie in files here: the key ring stays as it is, views are emptied. */
export interface Elsewhere {
  readonly keys?: Pick<Ring, 'destroy' | 'tombstones'>;
  readonly views?: Pick<Views, 'names' | 'drop'>;
  close(): Promise<void>;
}

/** @throws Failure with one sentence for the operator */
export const openElsewhere = async (terminal: Terminal, { files }: Places): Promise<Elsewhere> => {
  const keys = files.keys === '' ? (await openKeyRing(terminal)).ring : undefined;
  try {
    const views = files.views === '' ? await openViews(terminal) : undefined;
    return { ...(keys && { keys }), ...(views && { views }), close: async () => void (await Promise.all([keys?.close(), views?.close()])) };
  } catch (cause) {
    await keys?.close();
    throw cause instanceof Failure ? cause : new Failure((cause as Error).message, { cause });
  }
};

const openViews = async ({ env }: Terminal): Promise<Pick<Views, 'names' | 'drop' | 'close'>> => {
  const [{ readConfig, resolveReference }, { openByScheme }] = await Promise.all([import('@kendt/nest'), import('@kendt/by-url')]);
  const mongodb = async (url: string) => (await import('@kendt/mongodb')).MongoViews.open({ url, resolve: (reference) => resolveReference(reference, env) });
  return openByScheme('VIEWS_URL', readConfig(env).viewsUrl, { mongodb, 'mongodb+srv': mongodb });
};

/** What the ring does not know yet: it may have been brought back as well. */
export const buryElsewhere = async (keys: Pick<Ring, 'destroy'>, known: readonly Tombstone[], all: readonly Tombstone[]): Promise<void> => {
  const there = new Set(known.map(keyNameOf));
  for (const tombstone of all) if (!there.has(keyNameOf(tombstone))) await keys.destroy(tombstone.customerId, tombstone.group);
};

/** Sessions, leases and checkpoints lie among them, so followers begin with the log. Cut short and never finished, it costs nothing but the time to build them. */
export const emptyViews = async (views: NonNullable<Elsewhere['views']>): Promise<void> => {
  for (const name of await views.names()) await views.drop(name);
};
