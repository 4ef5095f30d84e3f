import { topics } from './topics.js';

/** One thing that one principal may do on the cluster, in Kafka's words; whatever is not granted is denied. */
export interface TopicGrant {
  readonly principal: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  readonly operations: readonly GrantedOperation[];
}

export type GrantedOperation = 'Read' | 'Write' | 'Create' | 'Describe' | 'DescribeConfigs';

export interface Principals {
  /** Kendt's own. */
  readonly kendt: string;
  readonly of: (systemId: string) => string;
}

export interface Cluster {
  readonly systems: readonly { readonly systemId: string; readonly brandIds: readonly string[] }[];
  /** The groups that Kendt itself reads with. */
  readonly groups: readonly string[];
}

/** Kendt's own groups, sorted: for an installation that does not run yet. */
export const kendtGroups: readonly string[] = ['erasure-connectors', 'erasure-holdings', 'erasure-receipts', 'erasure-workflow', 'profile-purchases'];

const defaultPrincipals: Principals = { kendt: 'User:kendt', of: (systemId) => `User:${systemId}` };

/**
 * Who may do what: a system reads what it is told, and the profiles of the brands that it serves; it writes its own topics and
 * nothing else, so that a message on one of them can only be its own. Retry and dead-letter topics are Kendt's alone.
 */
export const topicGrants = ({ systems, groups }: Cluster, principals: Principals = defaultPrincipals): TopicGrant[] => [
  { principal: principals.kendt, resource: 'topic', name: 'kendt.', pattern: 'prefixed', operations: ['Read', 'Write', 'Create', 'Describe', 'DescribeConfigs'] },
  ...groups.map((name): TopicGrant => ({ principal: principals.kendt, resource: 'group', name, pattern: 'literal', operations: ['Read', 'Describe'] })),
  // To say how far behind a connector is.
  ...systems.map(({ systemId }): TopicGrant => ({ principal: principals.kendt, resource: 'group', name: `${systemId}.`, pattern: 'prefixed', operations: ['Describe'] })),
  ...systems.flatMap(({ systemId, brandIds }) => grantsOf(principals.of(systemId), systemId, brandIds)),
];

const grantsOf = (principal: string, systemId: string, brandIds: readonly string[]): TopicGrant[] => {
  const topic = (name: string, ...operations: GrantedOperation[]): TopicGrant => ({ principal, resource: 'topic', name, pattern: 'literal', operations });
  return [
    ...[topics.customers, topics.consents, topics.erasureTasks, ...brandIds.map(topics.profiles)].map((name) => topic(name, 'Read', 'Describe')),
    ...[topics.erasureReceipts, topics.holdings, topics.purchases, topics.connectors].map((own) => topic(own(systemId), 'Write', 'Describe')),
    { principal, resource: 'group', name: `${systemId}.`, pattern: 'prefixed', operations: ['Read', 'Describe'] },
  ];
};
