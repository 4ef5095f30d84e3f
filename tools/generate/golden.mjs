// SHA256SUMS beside the golden events and messages: adds what is new. A hash that stands there stays, whatever has become of its file.
import { folder as events } from '../golden-events.mjs';
import { formatSums, hashOf, readSamples, readSums, sumsOf } from '../golden-files.mjs';
import { golden as messages } from '../published-messages.mjs';

export const generateAll = () => Object.fromEntries([events, messages].map((folder) => [sumsOf(folder), sums(folder)]));

function sums(folder) {
  const found = Object.entries(readSamples(folder)).map(([name, text]) => [name, hashOf(text)]);
  return formatSums({ ...Object.fromEntries(found), ...readSums(folder) });
}
