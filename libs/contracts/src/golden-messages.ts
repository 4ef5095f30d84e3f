import { readdirSync, readFileSync } from 'node:fs';
import type { Keyed } from './cloud-event.js';
import { packageFile } from './proto-file.js';

export interface Golden {
  readonly file: string;
  readonly topic: string;
  readonly type: string;
  readonly data: Keyed;
}

/** The samples of `golden/`: messages as they were promised. A sample is never changed; a new version gets a new one. */
export const goldenMessages = (): Golden[] =>
  readdirSync(packageFile('golden'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ file, ...(JSON.parse(readFileSync(packageFile(`golden/${file}`), 'utf8')) as Omit<Golden, 'file'>) }));
