import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of this workspace; found from here upwards, so that it is right from sources and from the build. */
export const workspaceFile = (path: string): string => join(root(import.meta.dirname), path);

const root = (folder: string): string => {
  if (existsSync(join(folder, 'nx.json'))) return folder;
  if (dirname(folder) === folder) throw new Error('This is not a checkout of Kendt');
  return root(dirname(folder));
};
