import { type Ground, groundFor } from './apart.ground.js';
import { beginLoad } from './apart.load.js';
import { allReady } from './apart.readiness.js';
import { lastPosition } from './apart.rows.js';
import type { Ordeal } from './scenario.js';

interface UnderLoad {
  /** Of the processes; none when it is the callers, or what befalls them, that is broken on purpose. */
  readonly sabotage: string | undefined;
  /** Callers send again under another Idempotency-Key. */
  readonly newKeys?: boolean;
}

/** Steady load, and so many times what `befall` does; then callers finish what they are at, and every process is ready again. */
export const underLoad = async (
  { times, random, say, progress, signal }: Ordeal,
  { sabotage, newKeys = false }: UnderLoad,
  befall: (ground: Ground, done: number) => Promise<void>,
): Promise<void> => {
  const ground = await groundFor(sabotage);
  say({ is: 'began', position: lastPosition(ground) });
  const load = await beginLoad(ground, { random, say, newKeys });
  try {
    for (let done = 0; done < times && !signal.aborted; progress(++done)) await befall(ground, done);
  } finally {
    await load.end();
  }
  await allReady(ground);
};
