// Whether the connector could be published: packs it, puts it where nothing else is but what it says it needs, and lets a program
// of somebody else import it, in JavaScript and in TypeScript.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from './pack.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** What the packages may need, together. */
const allowed = { '@kendt/connector': ['@kendt/contracts', 'kafkajs'], '@kendt/contracts': ['@kendt/kernel', 'zod'], '@kendt/kernel': [] };

const folder = mkdtempSync(join(tmpdir(), 'kendt-packages-'));
try {
  const packages = pack(join(folder, 'node_modules', '@kendt'));
  const complaints = Object.entries(packages).flatMap(([name, at]) => wrongWith(name, at));
  install(['kafkajs', 'zod', '@types/node', 'undici-types']);
  complaints.push(...useIt(entries(packages)));
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) process.exitCode = 1;
  else console.log(`${Object.keys(packages).length} packages can be published: they import nothing but ${[...new Set(Object.values(allowed).flat())].join(', ')}.`);
} finally {
  rmSync(folder, { recursive: true });
}

function wrongWith(name, at) {
  const { private: isPrivate, dependencies } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
  const needs = Object.keys(dependencies);
  const files = readdirSync(at, { recursive: true }).filter((file) => /\.(js|d\.ts)$/.test(file));
  const strange = files.flatMap((file) => packagesOf(readFileSync(join(at, file), 'utf8')).filter((one) => !needs.includes(one)).map((one) => `${name}: ${file} imports ${one}, which package.json does not name.`));
  return [
    ...(isPrivate ? [`${name} is private.`] : []),
    ...needs.filter((one) => !allowed[name]?.includes(one)).map((one) => `${name} needs ${one}; it may need ${allowed[name]?.join(', ') || 'nothing'}.`),
    ...(files.some((file) => /\.(test|examples)\./.test(file)) ? [`${name} brings tests.`] : []),
    ...strange,
  ];
}

/** Names of packages that a source imports; not Node's own modules, and not its other files. */
function packagesOf(source) {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const specifiers = [...code.matchAll(/^\s*(?:import|export)\b(?:[^;'"=]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm)].map(([, a, b]) => a ?? b);
  return specifiers.filter((one) => !one.startsWith('.') && !one.startsWith('node:')).map((one) => one.split('/').slice(0, one.startsWith('@') ? 2 : 1).join('/'));
}

function install(names) {
  for (const name of names) {
    const at = join(folder, 'node_modules', name);
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), at);
  }
}

/** Whatever somebody may import of them. */
function entries(packages) {
  return Object.entries(packages).flatMap(([name, at]) => {
    const { exports } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
    return Object.entries(exports).filter(([, where]) => where.default).map(([path]) => `${name}${path.slice(1)}`);
  });
}

function useIt(names) {
  const imports = names.map((name, n) => `import * as m${n} from '${name}';`).join('\n');
  const connecting = "import { connect, erased, fileStore, type Connector } from '@kendt/connector';\nexport const crm: Connector = connect({ system: 'crm', topics: 'sqlite:x', store: fileStore('x') }).onErasure(() => erased());\n";
  writeFileSync(join(folder, 'program.mjs'), `${imports}\nconsole.log([${names.map((_, n) => `Object.keys(m${n}).length`)}].every(Boolean) && globalThis.Reflect.getMetadata === undefined);`);
  writeFileSync(join(folder, 'program.mts'), `${imports}\n${connecting}void [${names.map((_, n) => `m${n}`)}];\n`);
  const options = { target: 'es2024', lib: ['es2024', 'esnext.array'], module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.mts'] }));
  return [
    ...said([join(folder, 'program.mjs')], (output) => output.trim() === 'true', 'A program could not import it'),
    ...said([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], (output) => output === '', 'Its types do not hold'),
  ];
}

function said(args, isFine, complaint) {
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return isFine(stdout) ? [] : [`${complaint}: ${stdout}${stderr}`];
}
