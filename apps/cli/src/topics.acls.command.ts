import { Command } from 'commander';
import { askOperators } from './api.js';
import { operatorsConnection } from './connection.js';
import { exitCodes, Failure, type Terminal } from './failure.js';

interface AclsOptions {
  readonly bootstrapServer: string;
  readonly commandConfig?: string;
  readonly principal: string;
  readonly kendt: string;
  readonly json?: boolean;
  readonly url?: string;
}

/** As the operators' port tells it. */
interface Grant {
  readonly principal: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  readonly operations: readonly string[];
}

export const aclsCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('acls')
    .description('who may read and write which topic, from the systems that are registered: commands for kafka-acls, which change nothing until they are run')
    .option('--bootstrap-server <address>', 'for the commands', '127.0.0.1:9092')
    .option('--command-config <file>', 'for the commands: how an administrator signs in to the broker')
    .option('--principal <pattern>', 'the principal of a system, with {system} in place of its id', 'User:{system}')
    .option('--kendt <principal>', 'the principal of Kendt', 'User:kendt')
    .option('--json', 'for programs')
    .option('--url <url>', 'the operators’ port (KENDT_OPERATORS_URL; its key: KENDT_OPERATORS_KEY, or operators-key in SECRETS_DIR)')
    .action(async (options: AclsOptions) => done(await acls(options, terminal)));

const acls = async (options: AclsOptions, terminal: Terminal): Promise<number> => {
  if (!options.principal.includes('{system}')) throw new Failure('--principal must hold {system}: two systems with one principal could speak for each other.');
  const { grants } = await askOperators<{ grants: Grant[] }>(operatorsConnection(options, terminal.env), 'topics/grants');
  const named = grants.map((grant) => ({ ...grant, principal: principalOf(grant.principal, options) }));
  terminal.out(options.json ? `${JSON.stringify(named)}\n` : named.map((grant) => `${command(grant, options)}\n`).join(''));
  return exitCodes.done;
};

const principalOf = (principal: string, { principal: pattern, kendt }: AclsOptions): string => {
  const name = principal.replace(/^User:/, '');
  return name === 'kendt' ? kendt : pattern.replaceAll('{system}', name);
};

const command = ({ principal, resource, name, pattern, operations }: Grant, { bootstrapServer, commandConfig }: AclsOptions): string =>
  [
    'kafka-acls.sh --bootstrap-server', quoted(bootstrapServer), ...(commandConfig ? ['--command-config', quoted(commandConfig)] : []),
    '--add --allow-principal', quoted(principal), ...operations.map((operation) => `--operation ${operation}`), `--${resource}`, quoted(name), '--resource-pattern-type', pattern,
  ].join(' ');

/** As a shell takes it, whatever stands in it. */
const quoted = (text: string): string => (/^[\w.:@/=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
