// What the images of deploy/Dockerfile hold, without an engine: for each app, that there is a target which starts it, that it imports nothing
// but what the production packages and its own closure bring, that it starts with those alone, and that neither tests nor source maps are in it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
/** All but the one that starts the others on a machine without containers. */
const apps = readdirSync(join(root, 'apps')).filter((app) => app !== 'apart').sort();
const packages = productionPackages();

const folder = mkdtempSync(join(tmpdir(), 'kendt-images-'));
try {
  const complaints = [...targetsFit(), ...apps.flatMap((app) => wrongWith(app))];
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) process.exitCode = 1;
  else console.log(`${apps.length} images start with ${packages.length} production packages and nothing else.`);
} finally {
  rmSync(folder, { recursive: true });
}

/** What `npm ci --omit=dev --workspace=apps` puts at the top, without what the Dockerfile takes away again. */
function productionPackages() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const [, removed] = /&& rm -r (.+)$/m.exec(dockerfile);
  const gone = removed.split(' ').map((path) => new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll('*', '.*')}(/|$)`));
  return Object.entries(lock)
    .filter(([path, { dev, devOptional, link }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional && !link && !gone.some((one) => one.test(path)))
    .map(([path]) => path.slice('node_modules/'.length))
    .filter((name) => existsSync(join(root, 'node_modules', name)));
}

function targetsFit() {
  const targets = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, target]) => target);
  const started = [...dockerfile.matchAll(/^ENTRYPOINT \["node", "apps\/([\w-]+)\/dist\/main\.js"\]$/gm)].map(([, app]) => app).sort();
  const copied = [...dockerfile.matchAll(/^COPY --from=build \/built\/([\w-]+) \.$/gm)].map(([, app]) => app).sort();
  const asWhom = dockerfile.split(/^FROM /m).flatMap((stage) => [...stage.matchAll(/^USER (.+)$/gm)].slice(-1).map(([, user]) => user));
  return [
    ...apps.filter((app) => !targets.includes(app)).map((app) => `deploy/Dockerfile has no target ${app}.`),
    ...(String(started) === String(apps) && String(copied) === String(apps) ? [] : ['deploy/Dockerfile does not copy and start each app once.']),
    ...(asWhom.length > 0 && asWhom.every((user) => /^[1-9]\d*:[1-9]\d*$/.test(user)) ? [] : ['An image of deploy/Dockerfile runs as root.']),
  ];
}

function wrongWith(app) {
  const at = join(folder, app);
  const made = run(['deploy/build-app.mjs', app, at], root);
  if (made.status !== 0) return [`${app}: ${made.stderr.trim()}`];
  const files = readdirSync(at, { recursive: true });
  const strays = files.filter((file) => /\.map$|\.(test|examples)\.js$|\.ts$|\.env|\/testing\//.test(file)).map((file) => `${app} brings ${file}.`);
  const ours = readdirSync(join(at, 'node_modules/@kendt')).map((name) => `@kendt/${name}`);
  const imported = files.filter((file) => /\.m?js$/.test(file) && !file.startsWith('node_modules')).flatMap((file) => packagesOf(readFileSync(join(at, file), 'utf8')).map((name) => ({ file, name })));
  const unmet = imported.filter(({ name }) => !ours.includes(name) && !packages.includes(name)).map(({ file, name }) => `${app}: ${file} imports ${name}, which is not in the image.`);
  return [...strays, ...new Set(unmet), ...starts(app, at)];
}

function starts(app, at) {
  for (const name of packages) {
    mkdirSync(dirname(join(at, 'node_modules', name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(at, 'node_modules', name));
  }
  const { status, stdout, stderr } = run([`apps/${app}/dist/main.js`, '--help'], at);
  return status === 0 && stdout.length > 100 ? [] : [`${app} does not start: ${stderr.trim()}`];
}

function run(args, cwd) {
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env: { PATH: process.env.PATH, NODE_ENV: 'production' } });
}

/** Names of packages that a source imports; not Node's own modules, and not its other files. */
function packagesOf(source) {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const specifiers = [...code.matchAll(/^\s*(?:import|export)\b(?:[^;'"=]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm)].map(([, a, b]) => a ?? b);
  return specifiers.filter((one) => !one.startsWith('.') && !isBuiltin(one)).map((one) => one.split('/').slice(0, one.startsWith('@') ? 2 : 1).join('/'));
}
