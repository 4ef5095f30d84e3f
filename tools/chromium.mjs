// The browser of the end-to-end tests: Debian's own, installed when that can be done without asking.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { progress } from './install.mjs';
import { collect } from './processes.mjs';

/** The path of a Chromium; `CHROMIUM` names another than Debian's. */
export async function chromium() {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(path)) return path;
  if (process.env.CHROMIUM) throw new Error(`CHROMIUM names ${path}, which does not exist.`);
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0)
    throw new Error('The pages are tested in Chromium: install it (on Debian: sudo apt-get install chromium), or set CHROMIUM to its path.');
  await installFromDebian();
  return path;
}

async function installFromDebian() {
  const stop = progress('Installing Chromium');
  if (!isListed()) await apt('update');
  let installed = await apt('install', ...browser);
  if (installed.code !== 0 && !installed.interrupted) {
    await apt('update'); // the lists may name a version that the mirror no longer has
    installed = await apt('install', ...browser);
  }
  stop(installed.code === 0 ? 'Installed Chromium' : undefined);
  if (installed.code === 0) return;
  process.stderr.write(installed.output);
  throw new Error('Chromium could not be installed; what apt-get said is above.');
}

const browser = ['chromium', 'fonts-liberation'];

/** Without package lists (as in fresh images) there is no candidate to install. */
const isListed = () => /Candidate: \d/.test(spawnSync('apt-cache', ['policy', 'chromium'], { encoding: 'utf8' }).stdout ?? '');

function apt(...args) {
  const options = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  return collect('apt-get', [...options, ...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
