// Makes of libs/connector what can be published: the package and those of ours that it depends on, as JavaScript with types, each
// in a folder that `npm publish <folder>` takes.
// node tools/pack.mjs <folder>
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const scope = '@kendt/';
const published = '@kendt/connector';

/** Folders by name of package. They must have been built. */
export function pack(target) {
  const packages = closure(published);
  const types = mkdtempSync(join(tmpdir(), 'kendt-types-'));
  try {
    declare(packages, types);
    return Object.fromEntries(packages.map((one) => [one.manifest.name, fill(one, join(target, one.name), join(types, one.name, 'src'))]));
  } finally {
    rmSync(types, { recursive: true });
  }
}

const read = (name) => {
  const folder = join(root, 'libs', name.slice(scope.length));
  return { name: basename(folder), folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) };
};

/** The package, and all of ours that it needs. */
function closure(name, seen = new Map()) {
  if (seen.has(name)) return [...seen.values()];
  const one = read(name);
  seen.set(name, one);
  for (const dependency of Object.keys(one.manifest.dependencies)) if (dependency.startsWith(scope)) closure(dependency, seen);
  return [...seen.values()];
}

/** Declarations, as they lie in libs. */
function declare(packages, outDir) {
  const config = join(outDir, 'tsconfig.json');
  const files = packages.flatMap(({ folder, manifest }) => Object.values(manifest.exports).flatMap((entry) => (entry[`${scope}source`] ? [join(folder, entry[`${scope}source`])] : [])));
  const options = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: join(root, 'libs'), outDir, typeRoots: [join(root, 'node_modules/@types')] };
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions: options, files }));
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The types could not be made:\n${stdout}`);
}

function fill({ folder, manifest }, target, types) {
  const isWanted = (path) => !/\.(examples|test)\.(js|d\.ts)$|\.map$|\/\.compiler$/.test(path);
  for (const file of manifest.files) if (existsSync(join(folder, file))) cpSync(join(folder, file), join(target, file), { recursive: true, filter: isWanted });
  cpSync(types, join(target, 'dist'), { recursive: true, filter: isWanted });
  if (existsSync(join(folder, 'README.md'))) cpSync(join(folder, 'README.md'), join(target, 'README.md'));
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(publishable(manifest), undefined, 2)}\n`);
  return target;
}

/** Without what only the workspace understands; of our own packages, exactly the versions that were packed together. */
function publishable({ private: _, nx: __, exports, dependencies, ...manifest }) {
  const version = ([name, wanted]) => [name, name.startsWith(scope) ? read(name).manifest.version : wanted];
  const entry = ([path, where]) => [path, where.default ? { types: where.default.replace(/\.js$/, '.d.ts'), default: where.default } : where];
  return { ...manifest, exports: Object.fromEntries(Object.entries(exports).map(entry)), dependencies: Object.fromEntries(Object.entries(dependencies).map(version)) };
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const [, , target] = process.argv;
  if (!target) throw new Error('Say where to: node tools/pack.mjs <folder>');
  for (const [name, folder] of Object.entries(pack(resolve(target)))) console.log(`${name}: npm publish ${folder}`);
}
