// The browser of the end-to-end tests: Debian's own, installed when that can be done without asking.
import { existsSync } from 'node:fs';
import { canInstall, installFromDebian } from './debian.mjs';

/** The path of a Chromium; `CHROMIUM` names another than Debian's. */
export async function chromium() {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(path)) return path;
  if (process.env.CHROMIUM) throw new Error(`CHROMIUM names ${path}, which does not exist.`);
  if (!canInstall())
    throw new Error('The pages are tested in Chromium: install it (on Debian: sudo apt-get install chromium), or set CHROMIUM to its path.');
  await installFromDebian('Chromium', ['chromium', 'fonts-liberation']);
  return path;
}
