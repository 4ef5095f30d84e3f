import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tombstone } from '@kendt/eventsourcing';
import type { BackupFacts } from './backup-facts.js';
import { BackupError, type BackupKind, checkDatabase, type CopyProgress, databases } from './backup.sqlite.js';

export const manifestFile = 'manifest.json';
export const tombstonesFile = 'tombstones.jsonl';

export interface BackupFile extends BackupFacts {
  readonly kind: BackupKind | 'tombstones';
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** What a backup says of itself. Ids and numbers only, so that it may be shown and sent around. */
export interface BackupManifest {
  readonly format: typeof backupFormat;
  readonly version: number;
  /** ISO 8601 UTC. */
  readonly begunAt: string;
  readonly endedAt: string;
  /** In the order in which they were copied. */
  readonly files: readonly BackupFile[];
}

export const backupFormat = 'kendt-backup';
export const backupVersion = 1;

const isOurs = (manifest: Partial<BackupManifest>): manifest is BackupManifest =>
  manifest.format === backupFormat && typeof manifest.version === 'number' && Array.isArray(manifest.files) && manifest.files.every(isFile);

const isFile = ({ kind, name, size, sha256 }: Partial<BackupFile>): boolean =>
  (kind === 'tombstones' || (kind !== undefined && kind in databases)) && typeof name === 'string' && /^[\w-]+\.\w+$/.test(name) && typeof size === 'number' && /^[0-9a-f]{64}$/.test(sha256 ?? '');

/** @throws BackupError when the folder is no backup, or one of a newer version. */
export const readManifest = (folder: string): BackupManifest => {
  const path = join(folder, manifestFile);
  if (!existsSync(path)) throw new BackupError(`${folder} is not a backup: there is no ${manifestFile} in it. Name the folder of one backup, such as ${join(folder, 'kendt-…')}.`);
  const manifest = parsed(readFileSync(path, 'utf8'));
  if (!manifest || !isOurs(manifest)) throw new BackupError(`${path} is damaged: this backup cannot be trusted.`);
  if (manifest.version > backupVersion) throw new BackupError(`${folder} was made by a newer version of Kendt: restore it with that version.`);
  return manifest;
};

const parsed = (text: string): Partial<BackupManifest> | undefined => {
  try {
    return JSON.parse(text) as Partial<BackupManifest>;
  } catch {
    return undefined;
  }
};

/** Every byte against the manifest, then every database by itself. @throws BackupError naming the first file that is not as it was. */
export const verifyBackup = async (folder: string, progress?: CopyProgress): Promise<BackupManifest> => {
  const manifest = readManifest(folder);
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of manifest.files) {
    const path = join(folder, file.name);
    if (!existsSync(path)) throw new BackupError(`${path} is missing: this backup is not whole.`);
    if (statSync(path).size !== file.size) throw new BackupError(`${path} has not the size that it was written with: this backup is damaged.`);
    if ((await sha256Of(path, (bytes) => progress?.((done += bytes), total))) !== file.sha256) throw new BackupError(`${path} has changed since it was written: this backup is damaged.`);
    if (file.kind !== 'tombstones') checkDatabase(file.kind, path);
  }
  return manifest;
};

export const sha256Of = async (path: string, read?: (bytes: number) => void): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    read?.(chunk.length);
  }
  return hash.digest('hex');
};

/** Those that were destroyed when the backup was made; none in a backup without them. */
export const tombstonesIn = (folder: string): Tombstone[] => {
  const path = join(folder, tombstonesFile);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Tombstone);
};

/** The finished backups in a folder, by name. */
export const backupsIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(join(folder, name, manifestFile)) && !name.startsWith('.')).sort() : [];
