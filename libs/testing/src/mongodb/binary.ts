import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The path of mongod; fetched if it is not there, with a line of progress on stderr. */
export const mongodBinary = (): Promise<string> => (binary ??= fetchBinary());

let binary: Promise<string> | undefined;

const fetchBinary = async (): Promise<string> => {
  const fetching = promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../../../tools/mongodb.mjs')]);
  fetching.child.stderr?.pipe(process.stderr, { end: false });
  const { stdout } = await fetching;
  return stdout.trim();
};
