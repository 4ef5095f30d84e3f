import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { isMet, type Measured, type Row } from './bench.js';

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

const cells = (row: Row): string[] => {
  const met = isMet(row);
  const against = row.against ? `${row.against.what} ${number(row.against.value)}` : '';
  return [row.case, `${number(row.value)} ${row.unit}`, against, row.ratio === undefined ? '' : number(row.ratio), row.goal ?? '', met === undefined ? '' : met ? 'met' : 'missed'];
};

/** A table for people. */
export const table = ({ parameters, rows }: Measured): string => {
  const lines = [['case', 'median', 'against', 'ratio', 'goal', ''], ...rows.map(cells)];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
  return `${Object.entries(parameters).map(([name, value]) => `${name}: ${value}`).join(', ')}\n\n${text}\n`;
};

const commit = (root: string): string => {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'libs', 'apps', 'bench/src') ? '+changes' : '');
  } catch {
    return 'unknown';
  }
};

const machine = (): string =>
  `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;

/** Writes `bench/results/<name>.json`; a quick look is kept apart, so that it never replaces a whole run. */
export const keep = (root: string, name: string, quick: boolean, { parameters, rows }: Measured): string => {
  const file = join(root, 'bench/results', `${name}${quick ? '.quick' : ''}.json`);
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  const result = { name, commit: commit(root), machine: machine(), measuredAt: new Date().toISOString(), parameters, rows: rows.map((row) => ({ ...row, met: isMet(row) })) };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
};
