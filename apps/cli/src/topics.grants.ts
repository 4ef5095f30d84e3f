import { kendtGroups, type TopicGrant, topicGrants } from '@kendt/contracts';
import { askOperators } from './api.js';
import { operatorsConnection } from './connection.js';
import { Failure, type Terminal } from './failure.js';

export interface GrantOptions {
  /** The principal of a system, with `{system}` in place of its id. */
  readonly principal: string;
  readonly kendt: string;
  /** A folder of configuration files; absent: a running process is asked. */
  readonly config?: string;
  readonly url?: string;
}

/** What each principal needs. @throws Failure */
export const wantedGrants = async (options: GrantOptions, terminal: Terminal): Promise<TopicGrant[]> => {
  if (!options.principal.includes('{system}')) throw new Failure('--principal must hold {system}: two systems with one principal could speak for each other.');
  const grants = options.config === undefined ? await grantsOfProcess(options, terminal) : await grantsOfFiles(options.config);
  return grants.map((grant) => ({ ...grant, principal: principalOf(grant.principal, options) }));
};

const grantsOfProcess = async (options: GrantOptions, terminal: Terminal): Promise<TopicGrant[]> =>
  (await askOperators<{ grants: TopicGrant[] }>(operatorsConnection(options, terminal.env), 'topics/grants')).grants;

/** Before the first start, which needs them. */
const grantsOfFiles = async (folder: string): Promise<TopicGrant[]> => {
  const { ConfigFilesError, readConfigFiles } = await import('@kendt/nest'); // loaded only when needed: it brings the whole framework with it
  const { systems } = await readConfigFiles(folder).catch((error: unknown) => {
    throw error instanceof ConfigFilesError ? new Failure(error.message, { cause: error }) : error;
  });
  return topicGrants({ systems: systems.map(({ id, brands }) => ({ systemId: id, brandIds: brands })), groups: kendtGroups });
};

const principalOf = (principal: string, { principal: pattern, kendt }: GrantOptions): string => {
  const name = principal.replace(/^User:/, '');
  return name === 'kendt' ? kendt : pattern.replaceAll('{system}', name);
};
