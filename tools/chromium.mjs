// The browser of the end-to-end tests: Debian's own, installed when that can be done without asking.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { progress } from './install.mjs';
import { run } from './processes.mjs';

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
  const installed = (await apt('install', ...browser)) || ((await apt('update')) && (await apt('install', ...browser)));
  stop(installed ? 'Installed Chromium' : undefined);
  if (!installed) throw new Error(`Chromium could not be installed: try "apt-get install ${browser.join(' ')}" and read what it says.`);
}

const browser = ['chromium', 'fonts-liberation'];

/** Without package lists (as in fresh images) there is no candidate to install. */
const isListed = () => /Candidate: \d/.test(spawnSync('apt-cache', ['policy', 'chromium'], { encoding: 'utf8' }).stdout ?? '');

async function apt(...args) {
  const options = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (await run('apt-get', [...options, ...args], { stdio: 'ignore', env })) === 0;
}
