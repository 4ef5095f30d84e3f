// Puts into a folder what one app needs of this repository, and no more: its package and those of ours that it depends on, built,
// without tests and without source maps. The packages of npm are not among it. Everything must have been built.
// node deploy/build-app.mjs <app> <folder>
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const scope = '@kendt/';

const read = (folder) => ({ folder, manifest: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) });

/** Every package of the workspace, by its name. */
function workspace() {
  const { workspaces } = read('.').manifest;
  const folders = workspaces.flatMap((pattern) => (pattern.endsWith('/*') ? children(pattern.slice(0, -2)) : [pattern]));
  return new Map(folders.map(read).map((one) => [one.manifest.name, one]));
}

const children = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)).filter((one) => existsSync(join(root, one, 'package.json')));

/** The package of that name, and all of ours that it needs. */
function closure(name, packages, seen = new Map()) {
  const one = packages.get(name);
  if (!one) throw new Error(`There is no package ${name}; there are ${[...packages.keys()].join(', ')}.`);
  if (seen.has(name)) return seen;
  seen.set(name, one);
  for (const needed of Object.keys(one.manifest.dependencies ?? {})) if (needed.startsWith(scope)) closure(needed, packages, seen);
  return seen;
}

const isWanted = (path) => !/\.map$|\.examples\.js$|\.test\.js$|\/\.compiler$|\/dist\/(.+\/)?testing$/.test(path);

function put({ folder, manifest }, target) {
  const parts = ['package.json', ...(manifest.files ?? ['dist'])];
  if (!existsSync(join(root, folder, 'dist'))) throw new Error(`${folder} has not been built: node tools/build.mjs`);
  for (const part of parts) cpSync(join(root, folder, part), join(target, folder, part), { recursive: true, filter: isWanted });
  const links = join(target, 'node_modules', scope);
  mkdirSync(links, { recursive: true });
  symlinkSync(relative(links, join(target, folder)), join(target, 'node_modules', manifest.name));
}

const [app, target] = process.argv.slice(2);
if (!app || !target) throw new Error('Say what and where to: node deploy/build-app.mjs <app> <folder>');
const needed = closure(`${scope}${app}`, workspace());
for (const one of needed.values()) put(one, resolve(target));
for (const file of ['LICENSE', 'docs/openapi.json']) cpSync(join(root, file), join(resolve(target), file));
console.log(`${app}: ${[...needed.keys()].map((name) => name.slice(scope.length)).sort().join(', ')}`);
