// Writes the documents that are generated from code; with --check only says which of them are out of date.
// Each file in tools/generate exports `output` (a path from the root) and `generate()` (its content).
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = join(root, 'tools/generate');
const onlyCheck = process.argv.includes('--check');

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

const generators = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.mjs')).sort() : [];
let drifted = 0;
for (const name of generators) {
  const { output, generate } = await import(join(folder, name));
  const file = join(root, output);
  const content = await generate();
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
if (drifted === 0) console.log(`${generators.length} generated documents, all up to date.`);
if (onlyCheck && drifted > 0) process.exitCode = 1;
