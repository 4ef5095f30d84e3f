// Debian's own packages, installed when that can be done without asking.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { progress } from './install.mjs';
import { collect } from './processes.mjs';

/** Whether apt-get can install something here: on Debian, and as root. */
export const canInstall = () => existsSync('/etc/debian_version') && process.getuid?.() === 0;

/** Installs these packages; `name` is what the person who waits is told. @throws what apt-get said is then on stderr */
export async function installFromDebian(name, packages) {
  const stop = progress(`Installing ${name}`);
  if (!packages.every(isListed)) await apt('update');
  let installed = await apt('install', ...packages);
  if (installed.code !== 0 && !installed.interrupted) {
    await apt('update'); // the lists may name a version that the mirror no longer has
    installed = await apt('install', ...packages);
  }
  stop(installed.code === 0 ? `Installed ${name}` : undefined);
  if (installed.code === 0) return;
  process.stderr.write(installed.output);
  throw new Error(`${name} could not be installed; what apt-get said is above.`);
}

/** Without package lists (as in fresh images) there is no candidate to install. */
const isListed = (name) => /Candidate: \d/.test(spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' }).stdout ?? '');

function apt(...args) {
  const options = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  return collect('apt-get', [...options, ...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}
