// Installs the packages of package-lock.json when node_modules does not hold exactly them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect } from './processes.mjs';

/**
 * npm writes node_modules/.package-lock.json last, so what that file lists was installed to the end. It must agree with the
 * lock file, package by package, and the folders must be there. A package for another platform may be missing.
 */
export function isInstalled(root) {
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  const wanted = Object.entries(readPackages(join(root, 'package-lock.json'))).filter(([folder]) => folder !== '');
  return wanted.every(([folder, entry]) => {
    const there = installed[folder];
    if (there === undefined) return entry.optional === true && !isNode(folder);
    return there.version === entry.version && there.integrity === entry.integrity && existsSync(join(root, folder));
  });
}

const readPackages = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {};
  }
};

/** The lock file's own Node for this platform: optional to npm, not to us. */
const isNode = (folder) => folder === `node_modules/node-${process.platform}-${process.arch}`;

/** `npm ci`, silent but for the time it takes; everything that npm said when it fails. */
export async function install(root) {
  const packages = Object.entries(readPackages(join(root, 'package-lock.json')));
  const count = packages.filter(([folder, entry]) => folder.includes('node_modules/') && !entry.link && fitsHere(entry)).length;
  const stop = progress(`Installing ${count} packages`);
  const { code, output, interrupted } = await npmCi(root);
  stop(code === 0 ? `Installed ${count} packages` : undefined);
  if (code === 0) return;
  if (interrupted) throw new Error('The installation was interrupted; the next command begins it anew.');
  process.stderr.write(output);
  throw new Error(`The packages could not be installed; what npm said is above.${hint(output)}`);
}

const usesMusl = () => process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;

const fitsHere = ({ os, cpu, libc }) =>
  (!os || os.includes(process.platform)) && (!cpu || cpu.includes(process.arch)) && (!libc || libc.includes(usesMusl() ? 'musl' : 'glibc'));

const hint = (output) =>
  /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|network/.test(output) ? ' The registry could not be reached: is there a network?' : '';

function npmCi(root) {
  const options = ['ci', '--include=dev', '--include=optional', '--prefer-offline', '--no-audit', '--no-fund', '--progress=false'];
  // The npm that started us, on its own node: ours may lie in the node_modules that npm is about to remove.
  const { npm_node_execpath: node, npm_execpath: npm } = process.env;
  const [command, args] = node && npm ? [node, [npm, ...options]] : ['npm', options];
  // Left alone, npm would tidy up for half a minute what the next run removes anyway.
  return collect(command, args, { cwd: root, killSignal: 'SIGKILL' });
}

/** One moving line on a terminal, a line every ten seconds in a log. Returns how to end it. */
export function progress(text) {
  const begin = Date.now();
  const seconds = () => `${Math.round((Date.now() - begin) / 1000)} s`;
  const { isTTY } = process.stderr;
  let frame = 0;
  const show = isTTY
    ? () => process.stderr.write(`\r${'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[frame++ % 10]} ${text} … ${seconds()}`)
    : () => console.error(`${text} … ${seconds()}`);
  show();
  const timer = setInterval(show, isTTY ? 100 : 10_000);
  return (done) => {
    clearInterval(timer);
    if (isTTY) process.stderr.write('\r\x1b[K');
    if (done) console.error(`${done} in ${seconds()}.`);
  };
}
