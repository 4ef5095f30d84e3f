import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConfigFileName, configFiles, type ConfigMistake, crossCheck, fieldErrors, type Installation, optionalConfigFiles } from '@kendt/contracts';

/** Every mistake in the files at once, one sentence each. Never a value: it might be a secret in the wrong place. */
export class ConfigFilesError extends Error {
  override readonly name = 'ConfigFilesError';

  constructor(
    readonly folder: string,
    readonly mistakes: readonly string[],
  ) {
    super(`The configuration in ${folder} is not right:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  }
}

/** @throws ConfigFilesError when a file is missing, is no YAML, does not fit its schema, or names what is not there. */
export const readConfigFiles = async (folder: string): Promise<Installation> => {
  const names = Object.keys(configFiles) as ConfigFileName[];
  const read = await Promise.all(names.map((name) => readOne(folder, name)));
  const mistakes = read.flatMap((file) => file.mistakes);
  if (mistakes.length > 0) throw new ConfigFilesError(folder, mistakes);
  const installation = { identityProviders: [], ...Object.assign({}, ...read.map((file) => file.content)) } as Installation;
  const missing = crossCheck(installation);
  if (missing.length > 0) throw new ConfigFilesError(folder, missing.map(sentence));
  return installation;
};

interface ReadFile {
  readonly content: object;
  readonly mistakes: readonly string[];
}

const sentence = ({ file, pointer, detail }: ConfigMistake): string => `${file} ${pointer}: ${detail}`;

const readOne = async (folder: string, name: ConfigFileName): Promise<ReadFile> => {
  const { parse, YAMLParseError } = await import('yaml'); // most processes read no such file
  let text: string;
  try {
    text = await readFile(join(folder, name), 'utf8');
  } catch {
    const needed = !optionalConfigFiles.includes(name);
    return { content: {}, mistakes: needed ? [`${name} is missing or cannot be read`] : [] };
  }
  try {
    const result = configFiles[name].safeParse(parse(text));
    if (result.success) return { content: result.data, mistakes: [] };
    return { content: {}, mistakes: fieldErrors(result.error.issues).map(({ pointer, detail }) => sentence({ file: name, pointer, detail })) };
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const line = error.linePos?.[0].line;
    return { content: {}, mistakes: [`${name}${line ? ` line ${line}` : ''}: is not YAML (${error.code})`] };
  }
};
