import type { LogTopic } from '../topic-log.js';
import type { TopicRow } from './topic-log.schema.js';

/** In milliseconds since 1970: what is not newer is kept no more. */
export const oldestOf = ({ cleanup, retention_ms }: TopicRow): number => (cleanup === 'delete' && retention_ms !== null ? Date.now() - retention_ms : 0);

/** @throws Error for a partition that there is not: this log has one. */
export const beforeOffset = (topic: string, offsets: Readonly<Record<number, string>>): number | undefined => {
  const elsewhere = Object.keys(offsets).find((partition) => partition !== '0');
  if (elsewhere !== undefined) throw new Error(`Topic ${topic} has no partition ${elsewhere}`);
  return offsets[0] === undefined ? undefined : Math.max(Number(BigInt(offsets[0])) - 1, 0);
};

/** @throws Error naming the setting in which a topic that is there differs from what is asked for. */
export const mustAgree = (there: TopicRow, wanted: LogTopic): void => {
  const settings = [
    ['cleanup', there.cleanup, wanted.cleanup],
    ['retentionMs', there.retention_ms, wanted.retentionMs ?? null],
    ['partitions', there.partitions, wanted.partitions ?? there.partitions],
  ] as const;
  for (const [setting, has, asked] of settings)
    if (has !== asked) throw new Error(`Topic ${wanted.name} has ${setting} ${has ?? 'not set'}, and ${asked ?? 'not set'} is asked for`);
};

/** The first offset that does not count; all do unless told. */
export const endOf = (topic: string, until: readonly { readonly topic: string; readonly offset: string }[] | undefined): number =>
  until ? Number(until.find((place) => place.topic === topic)?.offset ?? 0) : Number.MAX_SAFE_INTEGER;
