// docs/performance.md: the tables between <!-- results: NAME --> and <!-- end -->, from bench/results/NAME.json. The prose around them is
// written by hand and left alone.
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
export const output = 'docs/performance.md';

export function generate() {
  const text = readFileSync(new URL(output, root), 'utf8');
  return text.replace(/(<!-- results: ([a-z-]+) -->\n)[^]*?(<!-- end -->)/g, (_, begin, name, end) => `${begin}${section(name)}${end}`);
}

function section(name) {
  const file = new URL(`bench/results/${name}.json`, root);
  if (!existsSync(file)) throw new Error(`${output} asks for bench/results/${name}.json: npm run bench -- ${name}`);
  const { commit, machine, measuredAt, parameters, rows } = JSON.parse(readFileSync(file, 'utf8'));
  const said = Object.entries(parameters).map(([what, value]) => `${what}: ${typeof value === 'number' ? number(value) : value}`);
  return `\n| case | median | against | ratio | goal | |\n|---|---|---|---|---|---|\n${rows.map(row).join('\n')}\n
${[...said, `commit ${commit}`, measuredAt.slice(0, 10), machine].join('; ')}.\n`;
}

function row({ case: what, value, unit, against, ratio, goal, met }) {
  const compared = against ? `${against.what}: ${number(against.value)} ${unit}` : '';
  const verdict = met === undefined ? '' : met ? 'met' : '**missed**';
  return `| ${[what, `${number(value)} ${unit}`, compared, ratio === undefined ? '' : number(ratio), goal ?? '', verdict].join(' | ')} |`;
}

function number(value) {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0 });
}
