import { Command } from 'commander';
import { askOperators } from './api.js';
import { operatorsConnection } from './connection.js';
import { exitCodes, type Terminal } from './failure.js';
import { table } from './table.js';

interface RedriveOptions {
  readonly topic?: string;
  readonly group?: string;
  readonly key?: string;
  readonly reason?: string;
  readonly at?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly url?: string;
}

/** As the operators' port tells it. */
interface ListedLetter {
  readonly topic: string;
  readonly group: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly code: string;
  readonly error?: string;
  readonly content: 'kept' | 'left-out' | 'erased';
  readonly at: string;
}

export const redriveCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('redrive')
    .description('messages of other systems that were given up: shows them, and with --yes sends them to their consumers again, in order per customer')
    .option('--topic <name>', 'of this topic only')
    .option('--group <name>', 'of this consumer only')
    .option('--key <id>', 'of one customer only')
    .option('--reason <code>', 'given up for this reason only')
    .option('--at <place>', 'one message, as the column AT shows it; with --topic and --group')
    .option('--yes', 'send them; without it nothing is changed')
    .option('--json', 'for programs')
    .option('--url <url>', 'the operators’ port (KENDT_OPERATORS_URL; its key: KENDT_OPERATORS_KEY, or operators-key in SECRETS_DIR)')
    .action(async (options: RedriveOptions) => done(await (options.yes ? redrive(options, terminal) : show(options, terminal))));

const choiceOf = ({ topic, group, key, reason, at }: RedriveOptions): Record<string, string> =>
  Object.fromEntries(Object.entries({ topic, group, key, reason, at }).filter((entry): entry is [string, string] => entry[1] !== undefined));

const show = async (options: RedriveOptions, terminal: Terminal): Promise<number> => {
  const found = await askOperators<{ letters: ListedLetter[]; count: number }>(operatorsConnection(options, terminal.env), 'topics/dead-letters', choiceOf(options));
  if (options.json) terminal.out(`${JSON.stringify(found)}\n`);
  else if (found.count === 0) terminal.out('There are no dead letters.\n');
  else terminal.out(`${table(['TOPIC', 'GROUP', 'AT', 'KEY', 'REASON', 'AGE', 'CONTENT'], found.letters.map(row))}\n\n${found.count.toLocaleString('en')} dead letters; --yes sends those again whose content is kept.\n`);
  return found.count === 0 ? exitCodes.done : exitCodes.failed;
};

const row = ({ topic, group, partition, offset, key, code, error, content, at }: ListedLetter): string[] =>
  [topic, group, `${partition}-${offset}`, key, error ? `${code} (${error})` : code, age(Date.now() - Date.parse(at)), content];

const age = (ms: number): string => {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
};

const redrive = async (options: RedriveOptions, terminal: Terminal): Promise<number> => {
  const result = await askOperators<{ resent: number; left: number }>(operatorsConnection(options, terminal.env), 'topics/redrive', choiceOf(options));
  const left = result.left === 0 ? '' : ` ${result.left.toLocaleString('en')} have no content any more and stay.`;
  terminal.out(options.json ? `${JSON.stringify(result)}\n` : `${result.resent.toLocaleString('en')} were sent again.${left}\n`);
  return exitCodes.done;
};
