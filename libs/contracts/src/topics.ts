/** How a topic keeps its messages and who may write to it. */
export interface TopicContract {
  readonly name: string;
  /** `compact`: the last message per key stays for ever; a `null` value removes the key. */
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs?: number;
  /**
   * Where `cleanup` is `compact`, what bounds how long an overwritten message may lie in a broker's files: after so long a file is closed
   * with the next message, after so long one that is closed is compacted. `deleteRetentionMs`: how long a tombstone is there to be read.
   */
  readonly segmentMs?: number;
  readonly maxCompactionLagMs?: number;
  readonly deleteRetentionMs?: number;
  readonly partitions: number;
  /** `kendt`, or the one system that may speak here. */
  readonly writer: string;
}

/** The names of the public topics. `<brand>` and `<system>` are slugs of the configuration. */
export const topics = {
  customers: 'kendt.customers.v1',
  consents: 'kendt.consents.v1',
  profiles: (brandId: string): string => `kendt.profiles.${brandId}.v1`,
  erasureTasks: 'kendt.erasure-tasks.v1',
  erasureReceipts: (systemId: string): string => `kendt.erasure-receipts.${systemId}.v1`,
  holdings: (systemId: string): string => `kendt.holdings.${systemId}.v1`,
  purchases: (systemId: string): string => `kendt.purchases.${systemId}.v1`,
  connectors: (systemId: string): string => `kendt.connectors.${systemId}.v1`,
  auditCheckpoints: 'kendt.audit-checkpoints.v1',
} as const;

/** For consumers of every brand's or every system's topic; also takes those that appear later. */
export const topicPatterns = {
  profiles: /^kendt\.profiles\.([a-z][a-z0-9-]{0,39})\.v1$/,
  erasureReceipts: /^kendt\.erasure-receipts\.([a-z][a-z0-9-]{0,39})\.v1$/,
  holdings: /^kendt\.holdings\.([a-z][a-z0-9-]{0,39})\.v1$/,
  purchases: /^kendt\.purchases\.([a-z][a-z0-9-]{0,39})\.v1$/,
  connectors: /^kendt\.connectors\.([a-z][a-z0-9-]{0,39})\.v1$/,
} as const;

/**
 * The brand or system that a topic belongs to. Who speaks is told by the topic, never by the message: the broker's access
 * rules guard the one, nobody guards the other.
 */
export const ownerOf = (topic: string): string | undefined =>
  Object.values(topicPatterns)
    .map((pattern) => pattern.exec(topic)?.[1])
    .find((owner) => owner !== undefined);

const day = 24 * 60 * 60 * 1000;
const partitions = 6;
const events = (name: string, days: number, writer = 'kendt'): TopicContract => ({
  name,
  cleanup: 'delete',
  retentionMs: days * day,
  partitions,
  writer,
});

const halfAnHour = 30 * 60 * 1000;
/** What a tombstone or a newer profile has taken the place of is out of a broker's files within an hour: half of it until the file is closed. */
const ofBrand = (brandId: string): TopicContract => ({
  name: topics.profiles(brandId), cleanup: 'compact', segmentMs: halfAnHour, maxCompactionLagMs: halfAnHour, deleteRetentionMs: 7 * day, partitions, writer: 'kendt',
});
const ofSystem = (systemId: string): TopicContract[] => [
  events(topics.erasureReceipts(systemId), 90, systemId),
  events(topics.holdings(systemId), 30, systemId),
  // Purchases say what somebody bought: kept here only until they have been taken in.
  events(topics.purchases(systemId), 7, systemId),
  { name: topics.connectors(systemId), cleanup: 'compact', partitions: 1, writer: systemId },
];

/** Of a topic that Kendt writes. @throws Error when there is none of that name */
export const outgoingTopic = (name: string): TopicContract => {
  const brandId = topicPatterns.profiles.exec(name)?.[1];
  const found = topicContracts({ brands: brandId === undefined ? [] : [brandId], systems: [] }).find((contract) => contract.name === name);
  if (!found) throw new Error(`Kendt has no topic ${name}`);
  return found;
};

/** Every topic of an installation with these brands and these writing systems. */
export const topicContracts = (installation: { readonly brands: readonly string[]; readonly systems: readonly string[] }): TopicContract[] => [
  events(topics.customers, 90),
  events(topics.consents, 90),
  ...installation.brands.map(ofBrand),
  events(topics.erasureTasks, 90),
  ...installation.systems.flatMap(ofSystem),
];
