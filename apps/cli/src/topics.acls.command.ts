import type { TopicGrant } from '@kendt/contracts';
import { Command } from 'commander';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { type ClusterOptions, rulesOnCluster } from './topics.acls.cluster.js';
import { type GrantOptions, wantedGrants } from './topics.grants.js';

interface AclsOptions extends GrantOptions, Partial<Omit<ClusterOptions, 'principal'>> {
  readonly bootstrapServer: string;
  readonly commandConfig?: string;
  readonly json?: boolean;
}

export const aclsCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('acls')
    .description('who may read and write which topic, from the systems that are registered: commands for kafka-acls, or compared with a cluster and added there')
    .option('--cluster <address>', 'an address as in TOPICS_URL, with the login of an administrator: shows what is missing there, what stands, and what is there beyond; exit code 1 when it is not all as it should be')
    .option('--apply', 'with --cluster: add what is missing. Nothing is removed')
    .option('--remove-extra', 'with --apply: remove what is there beyond, too')
    .option('--config <folder>', 'the systems of these configuration files, without asking a running Kendt: for the time before its first start')
    .option('--principal <pattern>', 'the principal of a system, with {system} in place of its id', 'User:{system}')
    .option('--kendt <principal>', 'the principal of Kendt', 'User:kendt')
    .option('--bootstrap-server <address>', 'for the commands', '127.0.0.1:9092')
    .option('--command-config <file>', 'for the commands: how an administrator signs in to the broker')
    .option('--json', 'for programs')
    .option('--url <url>', 'the operators’ port (KENDT_OPERATORS_URL; its key: KENDT_OPERATORS_KEY, or operators-key in SECRETS_DIR)')
    .action(async (options: AclsOptions) => done(await acls(options, terminal)));

const acls = async ({ cluster, ...options }: AclsOptions, terminal: Terminal): Promise<number> => {
  if (options.apply && cluster === undefined) throw new Failure('--apply needs --cluster: where to, and who may do so. Kendt’s own login should not.');
  if (options.removeExtra && !options.apply) throw new Failure('--remove-extra needs --apply.');
  const grants = await wantedGrants(options, terminal);
  if (cluster !== undefined) return rulesOnCluster(grants, { ...options, cluster }, terminal);
  terminal.out(options.json ? `${JSON.stringify(grants)}\n` : grants.map((grant) => `${command(grant, options)}\n`).join(''));
  return exitCodes.done;
};

const command = ({ principal, resource, name, pattern, operations }: TopicGrant, { bootstrapServer, commandConfig }: AclsOptions): string =>
  [
    'kafka-acls.sh --bootstrap-server', quoted(bootstrapServer), ...(commandConfig ? ['--command-config', quoted(commandConfig)] : []),
    '--add --allow-principal', quoted(principal), ...operations.map((operation) => `--operation ${operation}`), `--${resource}`, quoted(name), '--resource-pattern-type', pattern,
  ].join(' ');

/** As a shell takes it, whatever stands in it. */
const quoted = (text: string): string => (/^[\w.:@/=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
