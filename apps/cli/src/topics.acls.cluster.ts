import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessRule, KafkaAccess } from '@kendt/connector/kafka';
import type { TopicGrant } from '@kendt/contracts';
import { type AccessComparison, compareAccess } from './access.comparison.js';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { table } from './table.js';

export interface ClusterOptions {
  readonly cluster: string;
  readonly principal: string;
  readonly apply?: boolean;
  readonly removeExtra?: boolean;
  readonly json?: boolean;
}

const heardWithinMs = 10_000;
const lookAgainMs = 100;

/** Compares, and with `apply` makes it so; what it tells is what it found. */
export const rulesOnCluster = async (grants: readonly TopicGrant[], options: ClusterOptions, terminal: Terminal): Promise<number> => {
  const access = await open(options.cluster);
  const compare = async (): Promise<AccessComparison> => compareAccess(grants, await access.rules(), (systemId) => options.principal.replaceAll('{system}', systemId));
  try {
    const found = await compare();
    if (options.apply) await apply(access, found, options, compare);
    terminal.out(options.json ? `${JSON.stringify(found)}\n` : told(found, options));
    return options.apply || (found.missing.length === 0 && found.beyond.length === 0) ? exitCodes.done : exitCodes.failed;
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(sentenceOf(error as Error), { cause: error });
  }
};

const open = async (url: string): Promise<KafkaAccess> => {
  const { KafkaAccess } = await import('@kendt/connector/kafka'); // loaded only when needed: it brings a client with it
  try {
    return KafkaAccess.open({ url, setting: '--cluster', clientId: 'kendt-cli' });
  } catch (error) {
    throw new Failure((error as Error).message, { cause: error });
  }
};

/** Brokers hear of it a moment after it was taken: done is what they say themselves. */
const apply = async (access: KafkaAccess, { missing, beyond }: AccessComparison, { removeExtra }: ClusterOptions, compare: () => Promise<AccessComparison>): Promise<void> => {
  await access.add(missing);
  if (removeExtra) await access.remove(beyond);
  for (const end = Date.now() + heardWithinMs; ; await sleep(lookAgainMs)) {
    const now = await compare();
    if (now.missing.length === 0 && (!removeExtra || now.beyond.length === 0)) return;
    if (Date.now() > end) throw new Failure('The cluster took the changes, but does not tell of all of them: run the command once more.');
  }
};

const sentenceOf = ({ message }: Error): string =>
  message.includes('SECURITY_DISABLED') ? 'This cluster has no authorizer: everybody may do everything. Set authorizer.class.name on its brokers.' : message;

const told = (found: AccessComparison, { apply: applied, removeExtra }: ClusterOptions): string => {
  const words = { missing: applied ? 'added' : 'missing', standing: 'stands', beyond: removeExtra ? 'removed' : 'beyond', wider: 'wider' };
  const rows = (['missing', 'standing', 'beyond', 'wider'] as const).flatMap((part) => rowsOf(found[part], words[part]));
  return `${table(['STATE', 'PRINCIPAL', 'MAY', 'WHAT', 'NAME', 'FROM'], rows)}\n\n${summary(found, words)}${hint(found, applied)}\n`;
};

/** A line for all operations of one principal on one thing. */
const rowsOf = (rules: readonly AccessRule[], state: string): string[][] => {
  const lines = Map.groupBy(rules, ({ principal, permission, resource, name, pattern, host }) => JSON.stringify([principal, permission, resource, name, pattern, host]));
  return [...lines.values()].map((ofLine) => {
    const { principal, permission, resource, name, pattern, host } = ofLine[0]!;
    const operations = ofLine.map(({ operation }) => operation).join(', ');
    return [state, principal, permission === 'Deny' ? `not ${operations}` : operations, resource, pattern === 'prefixed' ? `${name}…` : name, host === '*' ? 'anywhere' : host];
  });
};

const summary = ({ missing, standing, beyond, wider }: AccessComparison, words: Readonly<Record<keyof AccessComparison, string>>): string => {
  const counts = [[missing, words.missing], [standing, 'standing'], [beyond, words.beyond]] as const;
  const reach = wider.length === 0 ? '' : ` ${wider.length} of others reach Kendt’s topics too, and are never removed here.`;
  return `Rules: ${counts.map(([rules, word]) => `${rules.length} ${word}`).join(', ')}.${reach}`;
};

const hint = ({ missing, beyond }: AccessComparison, applied = false): string => {
  if (applied) return '';
  return [missing.length > 0 && ' --apply adds what is missing.', beyond.length > 0 && ' --apply --remove-extra also removes what is beyond.'].filter(Boolean).join('');
};
