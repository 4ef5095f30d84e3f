// Caddy, the gateway of `npm run apart`: the one on the PATH, or else the program out of Debian's package, kept outside the repository. The
// package is not installed: it would bring a service with it that starts at once.
// node tools/caddy.mjs: prints where the program is.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { progress } from './install.mjs';
import { collect } from './processes.mjs';

const works = (program) => spawnSync(program, ['version'], { stdio: 'ignore' }).status === 0;

export async function caddy() {
  if (works('caddy')) return 'caddy';
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kendt');
  const program = join(folder, 'caddy');
  if (works(program)) return program;
  if (!existsSync('/etc/debian_version')) throw new Error('The gateway is Caddy 2.6 or later: put it on the PATH (https://caddyserver.com/docs/install).');
  const stop = progress('Fetching Caddy');
  mkdirSync(folder, { recursive: true });
  const aside = mkdtempSync(join(folder, 'caddy-'));
  try {
    const { output } = await unpack(aside);
    if (!works(join(aside, 'usr/bin/caddy'))) throw new Error(`Caddy could not be fetched:\n${output}`);
    renameSync(join(aside, 'usr/bin/caddy'), program); // another that was quicker has put the same there
    stop('Fetched Caddy');
    return program;
  } finally {
    stop();
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Without package lists (as in fresh images) apt-get knows of no Caddy. */
async function unpack(folder) {
  let fetched = await collect('apt-get', ['-qq', 'download', 'caddy'], { cwd: folder });
  if (fetched.code !== 0 && process.getuid?.() === 0) {
    await collect('apt-get', ['-qq', 'update']);
    fetched = await collect('apt-get', ['-qq', 'download', 'caddy'], { cwd: folder });
  }
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  return archive ? collect('dpkg-deb', ['-x', join(folder, archive), folder]) : fetched;
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  caddy().then(console.log, (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
