// A Python with the packages that a requirements.txt names, made once and kept outside the repository.
// node tools/python.mjs <requirements.txt>: prints the interpreter.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canInstall, installFromDebian } from './debian.mjs';
import { progress } from './install.mjs';
import { collect } from './processes.mjs';

const oldest = [3, 9];

/** The interpreter of the environment. */
export async function pythonWith(requirements) {
  const version = await providePython();
  const wanted = createHash('sha256').update(`${version}\n${readFileSync(requirements)}`).digest('hex').slice(0, 16);
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kendt', `python-${wanted}`);
  const python = join(folder, 'bin', 'python');
  if (!runs(python)) await make(folder, requirements);
  return python;
}

/** Hands over an interpreter that has pip: the system's own, or one that is made for the moment. */
export async function withPip(work) {
  if (spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0) return work('python3');
  await providePython();
  const folder = mkdtempSync(join(tmpdir(), 'kendt-pip-'));
  try {
    await must('python3', ['-m', 'venv', folder]);
    return await work(join(folder, 'bin', 'python'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const runs = (python) => existsSync(python) && spawnSync(python, ['-c', '0'], { stdio: 'ignore' }).status === 0;

/** The version of a python3 that can make environments; Debian's own has that in a package apart. */
async function providePython() {
  const found = versionOf();
  if (found) return found;
  if (!canInstall()) throw new Error(`This needs Python ${oldest.join('.')} or later with venv; install it (on Debian: sudo apt-get install python3-venv).`);
  await installFromDebian('Python', ['python3-venv']);
  const installed = versionOf();
  if (!installed) throw new Error(`This needs Python ${oldest.join('.')} or later with venv; Debian has none.`);
  return installed;
}

function versionOf() {
  const program = `import ensurepip, sys, venv\nassert sys.version_info >= (${oldest.join(', ')})\nprint(sys.executable, sys.version)`;
  const { status, stdout } = spawnSync('python3', ['-c', program], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Complete or not at all. Programs are started by the interpreter, so the environment may be moved once it is made. */
async function make(folder, requirements) {
  mkdirSync(dirname(folder), { recursive: true });
  const aside = mkdtempSync(`${folder}-`);
  const stop = progress('Installing packages for Python');
  try {
    await must('python3', ['-m', 'venv', aside]);
    await must(join(aside, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', requirements]);
    stop('Installed packages for Python');
    putInPlace(aside, folder);
  } finally {
    stop();
    rmSync(aside, { recursive: true, force: true });
  }
}

function putInPlace(aside, folder) {
  if (runs(join(folder, 'bin', 'python'))) return; // another was quicker
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
}

async function must(command, args) {
  const { code, output } = await collect(command, args);
  if (code === 0) return;
  process.stderr.write(output);
  throw new Error('The packages for Python could not be installed; what was said is above.');
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  pythonWith(process.argv[2]).then(console.log, (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
