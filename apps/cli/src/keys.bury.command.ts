import { Command } from 'commander';
import type { EventStore, KeyRing } from '@kendt/eventsourcing';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { openEventStore } from './event-store.js';
import { openKeyRing } from './key-ring.js';

/** For a key ring that came back from a backup by other means than `kendt restore`, such as mongorestore. */
export const buryCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('bury')
    .description('after a restore of the key ring: destroy again the keys that were destroyed since its backup, as the event log says. Asking twice is fine')
    .option('--json', 'for programs')
    .action(async (options: { readonly json?: boolean }) => done(await bury(options, terminal)));

const bury = async ({ json = false }: { readonly json?: boolean }, terminal: Terminal): Promise<number> => {
  const { readConfig } = await import('@kendt/nest');
  const { ring } = await openKeyRing(terminal);
  try {
    const store = await openEventStore(readConfig(terminal.env), terminal);
    const buried = await buryAgain(store, ring).finally(() => store.close());
    terminal.out(json ? `${JSON.stringify(buried)}\n` : `${buried.again.toLocaleString('en')} keys were there again and are destroyed now, of ${buried.known.toLocaleString('en')} that the event log says were destroyed.\n`);
    return exitCodes.done;
  } catch (cause) {
    throw cause instanceof Failure ? cause : new Failure((cause as Error).message, { cause });
  } finally {
    await ring.close();
  }
};

interface Buried {
  /** Destroyed by what the log says. */
  readonly known: number;
  /** Of these, without a tombstone until now. */
  readonly again: number;
}

const buryAgain = async (store: Pick<EventStore, 'subscribe'>, keys: Pick<KeyRing, 'destroy' | 'isDestroyed'>): Promise<Buried> => {
  const { erasuresIn, tombstonesOfEvent } = await import('@kendt/nest');
  let [known, again] = [0, 0];
  for await (const events of erasuresIn(store)) {
    for (const { customerId, group } of events.flatMap(tombstonesOfEvent)) {
      known += 1;
      if (await keys.isDestroyed(customerId, group)) continue;
      await keys.destroy(customerId, group);
      again += 1;
    }
  }
  return { known, again };
};
