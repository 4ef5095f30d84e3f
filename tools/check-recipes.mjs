// The diffs of CONTRIBUTING.md (those with line numbers; the others are sketches) must still apply to the files that they
// name: a recipe that has gone stale is worse than none.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const recipes = readFileSync(`${root}CONTRIBUTING.md`, 'utf8');
const diffs = [...recipes.matchAll(/^```diff\n([\s\S]*?)^```$/gm)]
  .map(([, diff], index) => ({ diff, index: index + 1 }))
  .filter(({ diff }) => /^@@ -\d/m.test(diff));

const apply = (diff, ...options) => spawnSync('git', ['apply', '--check', '--recount', '-C1', ...options, '-'], { cwd: root, input: diff, encoding: 'utf8' });

// Somebody who has just followed the recipe has it applied already.
const stale = diffs.flatMap(({ diff, index }) => {
  const { status, stderr } = apply(diff);
  return status === 0 || apply(diff, '--reverse').status === 0 ? [] : [`CONTRIBUTING.md, diff ${index}: ${stderr.trim()}`];
});
for (const line of stale) console.error(line);
console.log(stale.length === 0 ? `${diffs.length} diffs of the recipes, all apply.` : 'Mend them in CONTRIBUTING.md.');
process.exitCode = stale.length === 0 ? 0 : 1;
