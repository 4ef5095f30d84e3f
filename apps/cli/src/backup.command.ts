import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Tombstone } from '@kendt/eventsourcing';
import type { BackupManifest, TakenBackup } from '@kendt/sqlite';
import { isWithin, kindsOf, type Places, placesOf } from './backup.places.js';
import { progressOn } from './backup.progress.js';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { openKeyRing } from './key-ring.js';
import { table } from './table.js';

interface BackupOptions {
  readonly keys?: string;
  readonly eventsOnly?: boolean;
  readonly json?: boolean;
}

/** Loaded only when needed: a native module comes with it. */
const sqlite = () => import('@kendt/sqlite');

export const backupCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('backup')
    .description('copy events, topics and views while Kendt runs, and the keys apart from them')
    .argument('[folder]', 'where a new folder with events.db, topics.db (unless topics lie in Kafka) and views.db is made')
    .option('--keys <folder>', 'where a new folder with keys.db is made; never where the events are')
    .option('--events-only', 'leave out what is readable without a key (topics and views): what is left may be kept for years')
    .option('--json', 'for programs')
    .action(async (folder: string | undefined, options: BackupOptions) => done(await backup(folder, options, terminal)))
    .addCommand(
      new Command('verify')
        .description('check every byte of a backup against its manifest; changes nothing')
        .argument('<folder>', 'the folder of one backup')
        .option('--json', 'for programs')
        // Commander gives an option that the command above has as well to that one.
        .action(async (folder: string, _: object, command: Command) => done(await verify(folder, command.optsWithGlobals<BackupOptions>(), terminal))),
    );

const backup = async (folder: string | undefined, options: BackupOptions, terminal: Terminal): Promise<number> => {
  const places = await placesOf(terminal, [...(folder === undefined ? [] : (['events'] as const)), ...(options.keys === undefined ? [] : (['keys'] as const))]);
  const { restoreNote } = await sqlite();
  if (existsSync(join(places.dataDir, restoreNote))) throw new Failure(`A restore of ${places.dataDir} was cut short: finish it first with \`kendt restore\`.`);
  await mustBeApart(folder, options.keys, places);
  const taken: TakenBackup[] = [];
  // The keys come last: then there is one for whatever the events hold.
  if (folder !== undefined) taken.push(await takeData(folder, places, options, terminal));
  if (options.keys !== undefined) taken.push(await takeKeys(options.keys, places, terminal));
  terminal.out(options.json ? taken.map((each) => `${JSON.stringify(each)}\n`).join('') : taken.map(({ folder: made, manifest }) => `${made}\n${filesTable(manifest)}\n`).join('\n'));
  return exitCodes.done;
};

const whyApart = 'Whoever has events and keys together, and the key-encryption key, can read everybody, and an erasure would not reach that copy.';

const mustBeApart = async (folder: string | undefined, keys: string | undefined, { dataDir }: Places): Promise<void> => {
  if (folder === undefined && keys === undefined) throw new Failure('Say where to: a folder, or --keys with another folder, or both.');
  if (folder !== undefined && keys !== undefined && (isWithin(folder, keys) || isWithin(keys, folder)))
    throw new Failure(`The keys must not lie where the events are: name two folders that do not contain each other. ${whyApart}`);
  if (keys !== undefined && isWithin(dataDir, keys)) throw new Failure(`The keys must not lie where the events are: ${keys} holds the data folder. ${whyApart}`);
  if (folder !== undefined && (await holds(folder, 'keys'))) throw new Failure(`There is a backup of keys in ${folder} already: events must not lie beside it. ${whyApart}`);
  if (keys !== undefined && (await holds(keys, 'events'))) throw new Failure(`There is a backup of events in ${keys} already: keys must not lie beside it. ${whyApart}`);
};

const holds = async (folder: string, kind: string): Promise<boolean> => {
  const { backupsIn, readManifest } = await sqlite();
  return backupsIn(folder).some((name) => readManifest(join(folder, name)).files.some((file) => file.kind === kind));
};

const takeData = async (root: string, places: Places, { eventsOnly }: BackupOptions, terminal: Terminal): Promise<TakenBackup> => {
  const { files } = places;
  const { dataParts, tombstonesOf } = await sqlite();
  const kinds = eventsOnly ? ['events'] : kindsOf(places);
  if (files.topics === '' && !eventsOnly) terminal.err(topicsAreElsewhere);
  if (files.views === '' && !eventsOnly) terminal.err(viewsAreElsewhere);
  const tombstones = () => (files.keys === '' ? tombstonesElsewhere(terminal) : tombstonesOf(files.keys));
  return take({ parts: dataParts(files).filter(({ kind }) => kinds.includes(kind)), tombstones, root, prefix: 'kendt' }, terminal);
};

const topicsAreElsewhere = 'Topics lie in Kafka and are not in this backup. If they are lost there: `kendt topics republish --topic <name> --from start` publishes them again from the events.\n';

const viewsAreElsewhere = 'Views lie in MongoDB and are not in this backup: they are built anew from the events.\n';

const tombstonesElsewhere = async (terminal: Terminal): Promise<readonly Tombstone[]> => {
  const { ring } = await openKeyRing(terminal);
  return Array.fromAsync(ring.tombstones()).finally(() => ring.close());
};

const takeKeys = (root: string, { files }: Places, terminal: Terminal): Promise<TakenBackup> =>
  take({ parts: [{ kind: 'keys', file: files.keys }], root, prefix: 'kendt-keys' }, terminal);

const take = async (what: Parameters<Awaited<ReturnType<typeof sqlite>>['takeBackup']>[0], terminal: Terminal): Promise<TakenBackup> => {
  const progress = progressOn(terminal);
  try {
    return await (await sqlite()).takeBackup({ ...what, progress: (kind, pages, of) => progress.show(`${kind}, pages`, pages, of) });
  } finally {
    progress.clear();
  }
};

const verify = async (folder: string, { json }: BackupOptions, terminal: Terminal): Promise<number> => {
  const progress = progressOn(terminal);
  const { verifyBackup } = await sqlite();
  const manifest = await verifyBackup(folder, (bytes, of) => progress.show('bytes', bytes, of)).finally(() => progress.clear());
  terminal.out(json ? `${JSON.stringify({ folder, manifest })}\n` : `${filesTable(manifest)}\n\n${folder} is whole.\n`);
  return exitCodes.done;
};

export const filesTable = ({ files }: BackupManifest): string =>
  table(
    ['FILE', 'BYTES', 'HOLDS', 'UP TO', 'SHA-256'],
    files.map(({ name, size, counts, position, sha256 }) => [name, String(size), Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(', '), position ?? '', sha256.slice(0, 16)]),
  );
