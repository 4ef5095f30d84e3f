import { Command, InvalidArgumentError } from 'commander';
import { exitCodes, Failure, type Terminal } from './failure.js';

interface RotateSigningOptions {
  readonly overlap: number;
  readonly again?: boolean;
}

/** Loaded only when needed: it brings the whole framework with it. */
const nest = () => import('@kendt/nest');

export const rotateSigningCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('rotate-signing')
    .description('sign tokens with a new key; Kendt may go on running, and nothing has to be called afterwards')
    .option('--overlap <minutes>', 'how long the new key is published before it signs', minutes, 10)
    .option('--again', 'also while another new key waits to sign')
    .action(async (options: RotateSigningOptions) => done(await rotate(options, terminal)));

const minutes = (text: string): number => {
  if (!/^\d{1,4}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It is a number of minutes.');
  return Number(text);
};

const rotate = async ({ overlap, again = false }: RotateSigningOptions, { env, out }: Terminal): Promise<number> => {
  const { readConfig, rotateTokenKeys } = await nest();
  const { secretsDir } = readConfig(env);
  const { newKey, oldKeys, removed } = await rotateTokenKeys(secretsDir, { now: new Date(), overlapMs: overlap * 60_000, again }).catch((cause: unknown) => {
    throw new Failure(`${(cause as Error).message}${(cause as Error).name === 'RotationPending' ? ' --again does not wait for it.' : ''}`, { cause });
  });
  out(`The key ${newKey.kid} is published, and signs from ${newKey.signsFrom} on.\n`);
  for (const { kid, endsAt } of oldKeys) out(`The key ${kid} is kept until ${endsAt}: until then there are tokens that it has signed.\n`);
  for (const kid of removed) out(`The key ${kid} was removed: its time was over.\n`);
  return exitCodes.done;
};
