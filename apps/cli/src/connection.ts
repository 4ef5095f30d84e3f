import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, type Terminal } from './failure.js';

/** Where Kendt runs, and who asks. */
export interface Connection {
  readonly url: string;
  readonly clientId: string;
  readonly secret: string;
}

interface Options {
  readonly url?: string | undefined;
  readonly client?: string | undefined;
}

/** What a standalone process leaves in its data folder while it runs. */
interface RunningNote {
  readonly url?: string;
  readonly operatorsUrl?: string;
  readonly secretsDir?: string;
}

/** Where operators ask, and the key that lets them in. */
export interface OperatorsConnection {
  readonly url: string;
  readonly key: string;
}

type Env = Terminal['env'];

const dataDir = (env: Env): string => env['DATA_DIR'] || 'data';

const runningNote = (env: Env): RunningNote => {
  try {
    return JSON.parse(readFileSync(join(dataDir(env), 'running.json'), 'utf8')) as RunningNote;
  } catch {
    return {};
  }
};

export const urlOf = ({ url }: Options, env: Env): string => {
  const chosen = url ?? (env['KENDT_URL'] || env['PUBLIC_URL'] || runningNote(env).url || 'http://127.0.0.1:3000');
  if (!URL.canParse(chosen) || !/^https?:/.test(chosen)) throw new Failure('--url must be an address like http://127.0.0.1:3000.');
  return chosen.replace(/\/+$/, '');
};

/** The secret comes from the environment or from a file, never from the command line, where others on the machine could read it. */
export const connectionOf = (options: Options, env: Env): Connection => {
  const clientId = options.client ?? (env['KENDT_CLIENT_ID'] || 'compliance');
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(clientId)) throw new Failure('A client id has lower-case letters, digits and hyphens only.');
  return { url: urlOf(options, env), clientId, secret: env['KENDT_CLIENT_SECRET'] || secretFile(clientId, env) };
};

/** As for clients: the key is never given on the command line. */
export const operatorsConnection = ({ url }: Pick<Options, 'url'>, env: Env): OperatorsConnection => {
  const chosen = url ?? (env['KENDT_OPERATORS_URL'] || runningNote(env).operatorsUrl || 'http://127.0.0.1:9464');
  if (!URL.canParse(chosen) || !/^https?:/.test(chosen)) throw new Failure('--url must be an address like http://127.0.0.1:9464.');
  return { url: chosen.replace(/\/+$/, ''), key: env['KENDT_OPERATORS_KEY'] || secretOf(['operators-key'], 'the operators', 'KENDT_OPERATORS_KEY', env) };
};

const secretFile = (clientId: string, env: Env): string => secretOf(['clients', clientId], clientId, 'KENDT_CLIENT_SECRET', env);

const secretOf = (place: readonly string[], whose: string, setting: string, env: Env): string => {
  const path = join(env['SECRETS_DIR'] || runningNote(env).secretsDir || join(dataDir(env), 'secrets'), ...place);
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new Failure(`There is no secret for ${whose}: set ${setting}, or DATA_DIR to the folder of the demo (looked for ${path}).`);
  }
};
