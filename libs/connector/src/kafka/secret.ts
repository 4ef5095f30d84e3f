import { readFileSync } from 'node:fs';

/** What `env:NAME` or `file:PATH` names. @throws Error that names the reference, never what it holds. */
export const readReference = (reference: string): string => {
  const target = reference.slice(reference.indexOf(':') + 1);
  const value = reference.startsWith('env:') ? process.env[target] : readFile(target, 'secret').trim();
  if (!value) throw new Error(reference.startsWith('env:') ? `The variable ${target} is missing.` : `The secret ${target} is empty.`);
  return value;
};

export const readFile = (path: string, what: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`The ${what} ${path} cannot be read.`, { cause });
  }
};
