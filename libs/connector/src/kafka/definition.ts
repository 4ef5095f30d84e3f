import type { KafkaAddress } from './address.js';

export interface KafkaTopic {
  readonly name: string;
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs?: number;
  readonly partitions?: number;
  readonly replication?: number;
  readonly minInSyncReplicas?: number;
  readonly maxCompactionLagMs?: number;
  readonly deleteRetentionMs?: number;
  readonly segmentMs?: number;
}

/** A topic as the cluster has it: its settings by the names that Kafka gives them. */
export interface TopicThere {
  readonly partitions: number;
  readonly replication: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** What a definition asks for, by the names of Kafka's settings (https://kafka.apache.org/documentation/#topicconfigs). */
export const settingsOf = ({ cleanup, retentionMs, minInSyncReplicas, maxCompactionLagMs, deleteRetentionMs, segmentMs }: KafkaTopic): Record<string, string> => {
  const wanted: Readonly<Record<string, string | number | undefined>> = {
    'cleanup.policy': cleanup,
    'retention.ms': cleanup === 'delete' ? (retentionMs ?? -1) : undefined,
    'min.insync.replicas': minInSyncReplicas,
    'max.compaction.lag.ms': maxCompactionLagMs,
    'delete.retention.ms': deleteRetentionMs,
    'segment.ms': segmentMs,
  };
  return Object.fromEntries(Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
};

/** As the definition says, and the address where it does not. */
export const withDefaults = (topic: KafkaTopic, { topics }: Pick<KafkaAddress, 'topics'>): KafkaTopic => ({ ...topics, ...topic });

const names: Readonly<Record<string, string>> = {
  'cleanup.policy': 'cleanup', 'retention.ms': 'retentionMs', 'min.insync.replicas': 'minInSyncReplicas', 'max.compaction.lag.ms': 'maxCompactionLagMs',
  'delete.retention.ms': 'deleteRetentionMs', 'segment.ms': 'segmentMs',
};

/** In which settings a topic is not as it is asked for, a sentence each. What is not asked for may be as it is. */
export const differences = (wanted: KafkaTopic, there: TopicThere): string[] => {
  const compared: (readonly [setting: string, found: string | undefined, asked: string | undefined])[] = [
    ...Object.entries(settingsOf(wanted)).map(([name, asked]) => [names[name] ?? name, there.settings[name], asked] as const),
    ['partitions', String(there.partitions), wanted.partitions?.toString()],
    ['replication', String(there.replication), wanted.replication?.toString()],
  ];
  return compared.flatMap(([setting, found, asked]) =>
    asked === undefined || found === asked ? [] : [`Topic ${wanted.name} has ${setting} ${shown(found)}, and ${shown(asked)} is asked for`],
  );
};

const shown = (value: string | undefined): string => (value === undefined || value === '-1' ? 'not set' : value);
