import { ConfigError } from './config.js';
import { readSecretFile } from './secret-file.js';

/**
 * What a reference in a configuration file points at: `env:NAME` or `file:PATH`. Values themselves are refused, so that a
 * secret never ends up in a repository.
 */
export const resolveReference = (reference: string, env: Readonly<Record<string, string | undefined>>): string => {
  const [kind, target] = [reference.slice(0, reference.indexOf(':')), reference.slice(reference.indexOf(':') + 1)];
  if (kind !== 'env' && kind !== 'file') throw new ConfigError(['A secret is given as env:NAME or file:PATH, never as a value.']);
  const value = kind === 'env' ? env[target] : readSecretFile(target);
  if (!value) throw new ConfigError([kind === 'env' ? `The variable ${target} is missing.` : `The secret ${target} is missing.`]);
  return value;
};
