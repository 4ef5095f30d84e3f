import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { restoreNote, syncToDisk } from '@kendt/sqlite';

export interface Move {
  readonly target: string;
  /** What becomes the target; `null`: nothing, a new one is made at the next start. */
  readonly staged: string | null;
  /** Where that goes which stands at the target now; `null`: it is removed. */
  readonly aside: string | null;
}

/** What SQLite keeps beside a file. Taken over by another file of the same name, it would damage that one. */
export const sidecars = ['', '-wal', '-shm', '-journal'];

export const removeDatabase = (file: string): void => sidecars.forEach((sidecar) => rmSync(file + sidecar, { force: true }));

const noteOf = (dataDir: string): string => join(dataDir, restoreNote);

/**
 * All moves or none. They are written down first: from then on Kendt does not start until they are done, and a crash in
 * between is made good by doing them again.
 */
export const moveAll = (dataDir: string, moves: readonly Move[]): void => {
  writeFileSync(`${noteOf(dataDir)}.new`, JSON.stringify({ moves }), { mode: 0o600 });
  syncToDisk(`${noteOf(dataDir)}.new`);
  renameSync(`${noteOf(dataDir)}.new`, noteOf(dataDir));
  syncToDisk(dataDir);
  finishMoves(dataDir);
};

/** Gives the moves of a restore that was cut short, now that they are done; `undefined` when there was none. */
export const finishMoves = (dataDir: string): readonly Move[] | undefined => {
  if (!existsSync(noteOf(dataDir))) return undefined;
  const { moves } = JSON.parse(readFileSync(noteOf(dataDir), 'utf8')) as { moves: Move[] };
  for (const move of moves) moveOne(move);
  rmSync(noteOf(dataDir));
  syncToDisk(dataDir);
  return moves;
};

const moveOne = ({ target, staged, aside }: Move): void => {
  if (staged !== null && !existsSync(staged)) return; // it was done before the crash: what stands at the target now is what was restored
  for (const sidecar of sidecars) putAside(target + sidecar, aside === null ? null : aside + sidecar);
  if (staged !== null) renameSync(staged, target);
  syncToDisk(dirname(target));
};

const putAside = (file: string, aside: string | null): void => {
  if (!existsSync(file)) return;
  if (aside === null) return rmSync(file);
  mkdirSync(dirname(aside), { recursive: true, mode: 0o700 });
  renameSync(file, aside);
};
