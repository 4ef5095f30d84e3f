import { Command } from 'commander';
import { placesOf } from './backup.places.js';
import { progressOn } from './backup.progress.js';
import { exitCodes, type Terminal } from './failure.js';
import type { Restored } from './restore.js';
import { openElsewhere } from './restore.elsewhere.js';

interface Options {
  readonly keys?: string;
  readonly replace?: boolean;
  readonly acceptLostKeys?: boolean;
  readonly tombstones?: readonly string[];
  readonly json?: boolean;
}

export const restoreCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('restore')
    .description('bring a backup back into DATA_DIR while nothing runs on it; who was erased since the backup is erased again')
    .argument('[folder]', 'the folder of one backup (`kendt-…`)')
    .option('--keys <folder>', 'the folder of a backup of keys (`kendt-keys-…`): only when keys.db is lost')
    .option('--replace', 'move what is there aside')
    .option('--tombstones <folders...>', 'other backups, for what they know of erasures: the latest of events is a good one')
    .option('--accept-lost-keys', 'go on though the keys of some customers are not there: their data is lost')
    .option('--json', 'for programs')
    .action(async (folder: string | undefined, options: Options) => done(await run(folder, options, terminal)));

const run = async (folder: string | undefined, { keys, replace = false, acceptLostKeys = false, tombstones = [], json }: Options, terminal: Terminal): Promise<number> => {
  const places = await placesOf(terminal, ['events', ...(keys === undefined ? [] : (['keys'] as const))]);
  const { restore } = await import('./restore.js'); // brings native modules and the framework with it
  const elsewhere = await openElsewhere(terminal, places);
  const progress = progressOn(terminal);
  const restored = await restore(places, {
    folder, keys, replace, acceptLostKeys, tombstones, elsewhere, at: new Date().toISOString(), progress: (bytes, of) => progress.show('verifying, bytes', bytes, of),
  }).finally(async () => {
    progress.clear();
    await elsewhere.close();
  });
  terminal.out(json ? `${JSON.stringify(restored)}\n` : `${words(restored).join('\n')}\n`);
  return exitCodes.done;
};

const words = ({ resumed, files, aside, viewsAreBuiltAnew, erasedAgain, warnings }: Restored): string[] => [
  ...(resumed ? ['A restore that was cut short is finished now.'] : []),
  ...files.map((file) => `Restored ${file}.`),
  ...(erasedAgain > 0 ? [`${erasedAgain} customers were erased after this backup: they are erased again, with a certificate, as soon as Kendt runs.`] : []),
  ...(viewsAreBuiltAnew ? ['Views are built anew at the next start: it is ready when they are. Sessions have ended.'] : []),
  ...aside.map((file) => `What was there is now ${file}.`),
  ...(aside.length > 0 ? ['Delete that folder as soon as it is not needed: an erasure does not reach it.'] : []),
  ...warnings.map((warning) => `Careful: ${warning}`),
  'What was written after the backup is not there any more, though other systems may know of it.',
];
