// Writes the documents that are generated from code; with --check only says which of them are out of date.
// Each file in tools/generate exports `output` (a path from the root) and `generate()` (its content), or `generateAll()`, which
// gives several contents by their paths.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = join(root, 'tools/generate');
const onlyCheck = process.argv.includes('--check');

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

const generators = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.mjs')).sort() : [];
let [written, drifted] = [0, 0];
for (const [name, output, content] of await generated()) {
  const file = join(root, output);
  written++;
  if (read(file) === content) continue;
  drifted++;
  if (onlyCheck) {
    console.error(`${output} is not what the code says (tools/generate/${name}). Mend it with: npm run docs`);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    console.log(`Wrote ${output}`);
  }
}
if (drifted === 0) console.log(`${written} generated documents, all up to date.`);
if (onlyCheck && drifted > 0) process.exitCode = 1;

async function generated() {
  const all = [];
  for (const name of generators) {
    const { output, generate, generateAll } = await import(join(folder, name));
    const contents = generateAll ? await generateAll() : { [output]: await generate() };
    for (const [path, content] of Object.entries(contents)) all.push([name, path, content]);
  }
  return all;
}
