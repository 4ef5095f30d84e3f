// libs/domain/golden/SHA256SUMS: adds what is new. A hash that stands there stays, whatever has become of its file.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatSums, hashOf, parseSums, readSamples, sumsFile } from '../golden-events.mjs';

export const output = sumsFile;

export function generate() {
  const file = fileURLToPath(new URL(`../../${sumsFile}`, import.meta.url));
  const before = existsSync(file) ? parseSums(readFileSync(file, 'utf8')) : {};
  const found = Object.entries(readSamples()).map(([name, text]) => [name, hashOf(text)]);
  return formatSums({ ...Object.fromEntries(found), ...before });
}
