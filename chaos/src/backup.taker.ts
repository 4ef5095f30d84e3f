import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BackupError, dataParts, type OpenBackupFolder, type TakeBackup, takeBackup, tombstonesOf } from '@kendt/sqlite';
import { eraOf } from './backup.work.js';
import type { Life } from './scenario.js';

/** Another process: takes a backup, and one of the keys, whenever it is told a time. Dies with the one that tells it, wherever it is. */
export const takeBackups = async ({ folder, number, sabotage }: Life): Promise<void> => {
  const era = join(folder, eraOf(number));
  const lines = createInterface({ input: process.stdin });
  process.stdin.once('end', () => process.kill(process.pid, 'SIGKILL'));
  process.stdout.write('up\n');
  for await (const at of lines) process.stdout.write(`${await takeBoth(era, new Date(at), sabotage)}\n`);
};

const takeBoth = async (era: string, at: Date, sabotage: string | undefined): Promise<string> => {
  const file = (name: string): string => join(era, `${name}.db`);
  const parts = dataParts({ events: file('events'), views: file('views'), topics: file('topics'), keys: file('keys') });
  try {
    await takeBackup({ parts, tombstones: () => tombstonesOf(file('keys')), root: join(era, 'backups'), prefix: 'kendt', clock: () => at, ...broken(parts, sabotage) });
    await takeBackup({ parts: [{ kind: 'keys', file: file('keys') }], root: join(era, 'key-backups'), prefix: 'kendt', clock: () => at });
    return 'done';
  } catch (error) {
    // One that was cut short a moment ago may still be ending.
    return error instanceof BackupError && error.message.startsWith('Another backup') ? 'waiting' : `failed: ${(error as Error).message}`;
  }
};

const broken = (parts: TakeBackup['parts'], sabotage: string | undefined): Partial<TakeBackup> => {
  switch (sabotage) {
    case 'cp':
      return { copy: async ({ from, to }) => copyFileSync(from, to) };
    case 'events-first':
      return { parts: [...parts].reverse() };
    case 'early-name':
      return { openFolder: namedAtOnce };
    default:
      return {};
  }
};

const namedAtOnce: OpenBackupFolder = (root, name) => {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  return { path, keep: () => path, drop: () => undefined };
};
