import type { ParkedEvent } from '@kendt/eventsourcing';
import { Command } from 'commander';
import { askOperators } from './api.js';
import { operatorsConnection } from './connection.js';
import { exitCodes, type Terminal } from './failure.js';
import { table } from './table.js';

interface ParkedOptions {
  readonly follower?: string;
  readonly key?: string;
  readonly json?: boolean;
  readonly url?: string;
}

const withAddress = (command: Command): Command =>
  command
    .option('--follower <name>', 'of this follower only')
    .option('--key <id>', 'of one customer (or case, or system) only')
    .option('--json', 'for programs')
    .option('--url <url>', 'the operators’ port (KENDT_OPERATORS_URL; its key: KENDT_OPERATORS_KEY, or operators-key in SECRETS_DIR)');

export const parkedCommands = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('parked')
    .description('events that could not be handled, and those that wait behind them')
    .addCommand(
      withAddress(new Command('list').description('which, and why; ids only. Exit code 1 when there are any')).action(async (options: ParkedOptions) => done(await list(options, terminal))),
    )
    .addCommand(
      withAddress(new Command('retry').description('try them again, in order. Exit code 1 when some are left')).action(async (options: ParkedOptions) => done(await retry(options, terminal))),
    );

const list = async (options: ParkedOptions, terminal: Terminal): Promise<number> => {
  const { parked } = await askOperators<{ parked: ParkedEvent[] }>(operatorsConnection(options, terminal.env), 'parked');
  const wanted = parked.filter(({ follower, key }) => (options.follower === undefined || follower === options.follower) && (options.key === undefined || key === options.key));
  if (options.json) terminal.out(`${JSON.stringify(wanted)}\n`);
  else if (wanted.length === 0) terminal.out('Nothing is parked.\n');
  else terminal.out(`${table(['FOLLOWER', 'KEY', 'EVENT', 'TYPE', 'REASON'], wanted.map(({ follower, key, eventId, type, reason }) => [follower, key, eventId, type, reason]))}\n\n${wanted.length} parked.\n`);
  return wanted.length === 0 ? exitCodes.done : exitCodes.failed;
};

const retry = async (options: ParkedOptions, terminal: Terminal): Promise<number> => {
  const { follower, key } = options;
  const result = await askOperators<{ through: number; left: number }>(operatorsConnection(options, terminal.env), 'parked/retry', { ...(follower && { follower }), ...(key && { key }) });
  terminal.out(options.json ? `${JSON.stringify(result)}\n` : `${result.through} went through, ${result.left} are left.\n`);
  return result.left === 0 ? exitCodes.done : exitCodes.failed;
};
