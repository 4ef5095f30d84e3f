import { Command } from 'commander';
import { exitCodes, Failure, type Terminal } from './failure.js';

/** Loaded only when needed: it brings the whole framework with it. */
const nest = () => import('@kendt/nest');

export const secretsCommands = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('secrets')
    .description('the folder of secrets')
    .addCommand(
      new Command('make')
        .description('make what is missing in SECRETS_DIR: the keys, their public halves, and a secret for each client of CONFIG_DIR; what is there stays')
        .action(async () => done(await make(terminal))),
    );

const make = async ({ env, out }: Terminal): Promise<number> => {
  const { ConfigFilesError, readConfig, readConfigFiles, readSecrets } = await nest();
  const config = readConfig(env);
  const installation = await readConfigFiles(config.configDir).catch((error: unknown) => {
    throw error instanceof ConfigFilesError ? new Failure(error.message, { cause: error }) : error;
  });
  await readSecrets(config, { generate: true, clientIds: installation.clients.map(({ id }) => id) });
  out(`Every secret is in ${config.secretsDir}.\n`);
  return exitCodes.done;
};
