import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './apart.ground.js';

const comesWithinMs = 120_000;

/** The token of a link to this path in a mail to this customer, once there is one. */
export const tokenInMail = async ({ folder }: Ground, customer: string, path: string): Promise<string | undefined> => {
  const dir = join(folder, 'apart/mail');
  for (const until = Date.now() + comesWithinMs; Date.now() < until; await sleep(100)) {
    for (const name of filesOf(dir).filter((file) => file.startsWith(`${customer}.`) && file.endsWith('.eml'))) {
      const text = readFileSync(join(dir, name), 'utf8').replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
      const token = new RegExp(`${path}\\?token=([A-Za-z0-9_.-]+)`).exec(text)?.[1];
      if (token) return token;
    }
  }
  return undefined;
};

const filesOf = (dir: string): string[] => {
  try {
    return readdirSync(dir);
  } catch {
    return []; // nobody has been written to yet
  }
};
