// Samples that are kept for ever, each with its hash in a file SHA256SUMS beside them.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

export const sumsOf = (folder) => `${folder}/SHA256SUMS`;

/** `{ [file]: text }` */
export const readSamples = (folder) =>
  Object.fromEntries(readdirSync(join(root, folder)).filter((name) => name.endsWith('.json')).sort().map((name) => [name, readFileSync(join(root, folder, name), 'utf8')]));

export const hashOf = (text) => createHash('sha256').update(text).digest('hex');

/** As `sha256sum` writes them: `{ [file]: hash }`. */
const parseSums = (text) => Object.fromEntries(text.split('\n').filter(Boolean).map((line) => line.split('  ').reverse()));
export const formatSums = (sums) => Object.keys(sums).sort().map((file) => `${sums[file]}  ${file}\n`).join('');
export const readSums = (folder) => (existsSync(join(root, sumsOf(folder))) ? parseSums(readFileSync(join(root, sumsOf(folder)), 'utf8')) : {});

/**
 * Samples are only ever added.
 * @param reason why one may not go: a sentence
 * @param instead what to do where today's look different
 */
export const keptForEver = ({ folder, samples, sums, reason, instead }) => [
  ...Object.keys(sums).filter((file) => !(file in samples)).map((file) => `${file} is gone. ${reason}: bring the sample back (git checkout -- ${folder}).`),
  ...Object.keys(samples).flatMap((file) => {
    if (!(file in sums)) return [`${file} is not in SHA256SUMS yet: npm run docs adds it.`];
    return sums[file] === hashOf(samples[file]) ? [] : [`${file} was changed. What was written cannot change: take it back; ${instead}.`];
  }),
];
