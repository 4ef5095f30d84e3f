import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const readableByOthers = 0o077;

/** `undefined` when there is none. @throws Error when others may read it. */
export const readSecretFile = (path: string): string | undefined => {
  try {
    if ((statSync(path).mode & readableByOthers) !== 0) throw new Error(`The secret ${path} can be read by others; run: chmod 600 ${path}`);
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Whole or not at all, and never over one that stands there: two processes that start at once end with the same secret, which is returned. */
export const writeSecretFile = (path: string, text: string): string => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeDraft(draft, text);
  try {
    linkSync(draft, path);
    syncFolder(dirname(path));
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(path, 'utf8').trim();
  } finally {
    unlinkSync(draft);
  }
};

/** Whole or not at all, over what stands there. */
export const replaceSecretFile = (path: string, text: string): void => {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeDraft(draft, text);
  renameSync(draft, path);
  syncFolder(dirname(path));
};

/** A name is on disk only when its folder is. */
export const syncFolder = (path: string): void => {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

const writeDraft = (path: string, text: string): void => {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${text}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};
