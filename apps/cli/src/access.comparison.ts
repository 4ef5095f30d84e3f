import type { AccessRule } from '@kendt/connector/kafka';
import type { TopicGrant } from '@kendt/contracts';

export interface AccessComparison {
  readonly missing: readonly AccessRule[];
  readonly standing: readonly AccessRule[];
  /** On topics or groups that are Kendt's or a system's, and not needed. */
  readonly beyond: readonly AccessRule[];
  /** On all topics, or on more than Kendt's: somebody else's business, but it reaches Kendt's topics. */
  readonly wider: readonly AccessRule[];
}

/** What every topic of Kendt begins with. */
const ours = 'kendt.';

/** Pure. `principalOf`: of a system. */
export const compareAccess = (grants: readonly TopicGrant[], there: readonly AccessRule[], principalOf: (systemId: string) => string): AccessComparison => {
  const wanted = grants.flatMap(rulesOf);
  const [wantedIds, thereIds] = [new Set(wanted.map(idOf)), new Set(there.map(idOf))];
  const groups = new Set(grants.filter(({ resource }) => resource === 'group').map(({ name }) => name));
  const unknown = there.filter((rule) => !wantedIds.has(idOf(rule)));
  return {
    missing: wanted.filter((rule) => !thereIds.has(idOf(rule))),
    standing: wanted.filter((rule) => thereIds.has(idOf(rule))),
    beyond: unknown.filter((rule) => (rule.resource === 'topic' ? rule.name.startsWith(ours) : groups.has(rule.name) || isOfSystem(rule, principalOf))),
    wider: unknown.filter(({ resource, name, pattern }) => resource === 'topic' && !name.startsWith(ours) && (name === '*' || (pattern === 'prefixed' && ours.startsWith(name)))),
  };
};

const rulesOf = ({ principal, resource, name, pattern, operations }: TopicGrant): AccessRule[] =>
  operations.map((operation) => ({ principal, host: '*', permission: 'Allow', resource, name, pattern, operation }));

const idOf = ({ principal, host, permission, resource, name, pattern, operation }: AccessRule): string => JSON.stringify([principal, host, permission, resource, name, pattern, operation]);

/** Also of one that is no longer registered: its groups begin with its id and a dot. */
const isOfSystem = ({ name, pattern, principal }: AccessRule, principalOf: (systemId: string) => string): boolean =>
  pattern === 'prefixed' && name.endsWith('.') && principal === principalOf(name.slice(0, -1));
