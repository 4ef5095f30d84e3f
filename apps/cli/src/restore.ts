import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type BackupKind, type BackupManifest, bury, exclusively, holdDataFolder, isLocked, readManifest, tombstonesIn, verifyBackup } from '@kendt/sqlite';
import { kindsOf, type Places } from './backup.places.js';
import { Failure } from './failure.js';
import { buryElsewhere, type Elsewhere, emptyViews } from './restore.elsewhere.js';
import { finishMoves, type Move, moveAll, removeDatabase } from './restore.moves.js';
import { stage, type Staged, stagedName } from './restore.staging.js';

export interface RestoreOptions {
  readonly folder: string | undefined;
  readonly keys: string | undefined;
  readonly replace: boolean;
  readonly acceptLostKeys: boolean;
  /** Further backups that may know of destroyed keys. */
  readonly tombstones: readonly string[];
  readonly elsewhere: Elsewhere;
  readonly progress: (done: number, of: number) => void;
  readonly at: string;
}

export interface Restored {
  readonly resumed: boolean;
  readonly files: readonly string[];
  /** Where what was there before lies now. */
  readonly aside: readonly string[];
  readonly viewsAreBuiltAnew: boolean;
  readonly erasedAgain: number;
  readonly warnings: readonly string[];
}

/** Nobody else runs on the data meanwhile. @throws Failure, and everything is as it was. */
export const restore = async (places: Places, options: RestoreOptions): Promise<Restored> => {
  const held = hold(places.dataDir);
  try {
    const resumed = finishMoves(places.dataDir);
    if (resumed) return { resumed: true, ...told(resumed), erasedAgain: 0, warnings: [] };
    const sources = here(places, await sourcesOf(options));
    mustBeAllowed(places, sources, options);
    return await restoreInto(places, sources, options);
  } finally {
    held.release();
  }
};

const hold = (dataDir: string): { release(): void } => {
  try {
    return holdDataFolder(dataDir, { unfinished: 'allow' });
  } catch (error) {
    throw new Failure((error as Error).message, { cause: error });
  }
};

type Sources = Partial<Record<BackupKind, string>>;

/** Verified before anything is touched. */
const sourcesOf = async ({ folder, keys, tombstones, progress }: RestoreOptions): Promise<Sources> => {
  if (folder === undefined && keys === undefined) throw new Failure('Say what to restore: the folder of a backup, or --keys with that of a backup of keys, or both.');
  tombstones.forEach(readManifest);
  const data = folder === undefined ? {} : filesIn(folder, await verifyBackup(folder, progress));
  const ring = keys === undefined ? {} : filesIn(keys, await verifyBackup(keys, progress));
  if (folder !== undefined && !data.events) throw new Failure(`${folder} is no backup of events${data.keys ? ', but of keys: name it with --keys' : ''}.`);
  if (keys !== undefined && !ring.keys) throw new Failure(`${keys} is no backup of keys.`);
  return { ...data, ...(ring.keys && { keys: ring.keys }) };
};

const filesIn = (folder: string, { files }: BackupManifest): Sources => Object.fromEntries(files.filter(({ kind }) => kind !== 'tombstones').map(({ kind, name }) => [kind, join(folder, name)]));

/** A backup may hold topics from the time before they went to Kafka. */
const here = (places: Places, sources: Sources): Sources => Object.fromEntries(kindsOf(places).flatMap((kind) => (sources[kind] === undefined ? [] : [[kind, sources[kind]]])));

const mustBeAllowed = (places: Places, sources: Sources, { replace, keys, elsewhere }: RestoreOptions): void => {
  const { files } = places;
  if (keys === undefined && !elsewhere.keys && !existsSync(files.keys))
    throw new Failure(`There is no key ring at ${files.keys}: name a backup of it with --keys. Without it everybody would look as if they had been erased.`);
  if (keys !== undefined && existsSync(files.keys) && !replace)
    throw new Failure(`${files.keys} is there, and newer than any backup of it: leave --keys out. If it is damaged, add --replace.`);
  const there = concerned(places, sources).filter((kind) => existsSync(files[kind])).map((kind) => files[kind]);
  if (there.length > 0 && !replace) throw new Failure(`${there.join(', ')} would be replaced: add --replace. What is there now is moved aside, except views, which are built from events.`);
  for (const file of there) mustBeFree(file);
};

/** Events that are restored make the present topics and views another story's. */
const concerned = (places: Places, sources: Sources): BackupKind[] =>
  kindsOf(places, [...(sources.events ? (['events', 'views', 'topics'] as const) : []), ...(sources.keys ? (['keys'] as const) : [])]);

/** A connector may have the topics open, though Kendt does not run. What is damaged is nobody's. */
const mustBeFree = (file: string): void => {
  try {
    exclusively(file).close();
  } catch (error) {
    if (isLocked(error)) throw new Failure(`${file} is open in another program, such as a connector: stop it first.`, { cause: error });
  }
};

const restoreInto = async (places: Places, sources: Sources, { folder, tombstones, acceptLostKeys, elsewhere, at }: RestoreOptions): Promise<Restored> => {
  try {
    const ledgers = [...(folder === undefined ? [] : [folder]), ...tombstones];
    const inRing = elsewhere.keys ? await Array.fromAsync(elsewhere.keys.tombstones()) : [];
    const staged = await stage({ places, sources, known: [...ledgers.flatMap(tombstonesIn), ...inRing], acceptLostKeys, at });
    // Whatever comes of the restore: these keys were to be gone. This also holds for a ring that is moved aside.
    if (elsewhere.keys) await buryElsewhere(elsewhere.keys, inRing, staged.tombstones);
    else if (existsSync(places.files.keys)) buryIfPossible(places.files.keys, staged, sources.keys !== undefined);
    const emptied = sources.events !== undefined && elsewhere.views !== undefined;
    if (emptied) await emptyViews(elsewhere.views); // before the events change: a view that knows more than they do would be wrong
    const moves = movesOf(places, sources, staged, at);
    moveAll(places.dataDir, moves);
    const warnings = sources.events && places.files.topics === '' ? [...staged.warnings, topicsStay] : staged.warnings;
    const result = told(moves);
    return { resumed: false, ...result, viewsAreBuiltAnew: result.viewsAreBuiltAnew || emptied, erasedAgain: staged.erasedAgain.size, warnings };
  } catch (error) {
    for (const kind of kindsOf(places)) removeDatabase(stagedName(places.files[kind]));
    throw error;
  }
};

const topicsStay = 'topics lie in Kafka and stay as they are, with what was written after the backup: see "Topics in Kafka" in docs/operations.md before you start.';

const buryIfPossible = (keys: string, { tombstones }: Staged, isReplaced: boolean): void => {
  try {
    bury(keys, tombstones);
  } catch (error) {
    if (!isReplaced) throw error;
  }
};

const movesOf = (places: Places, sources: Sources, staged: Staged, at: string): Move[] =>
  concerned(places, sources).map((kind) => {
    const target = places.files[kind];
    // Views are readable and can be built anew: an erasure would not reach a copy that lies aside.
    return { target, staged: staged.files[kind] ?? null, aside: kind === 'views' ? null : join(dirname(target), `replaced-${at.replaceAll(':', '-').replace('.', '-')}`, basename(target)) };
  });

const told = (moves: readonly Move[]): Pick<Restored, 'files' | 'aside' | 'viewsAreBuiltAnew'> => ({
  files: moves.filter(({ staged }) => staged !== null).map(({ target }) => target),
  aside: moves.flatMap(({ aside }) => (aside !== null && existsSync(aside) ? [aside] : [])),
  viewsAreBuiltAnew: moves.some(({ staged, aside }) => staged === null && aside === null),
});
