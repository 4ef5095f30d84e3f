import { describe, expect, it } from '@jest/globals';
import { differences, type KafkaTopic, settingsOf, withDefaults } from './definition.js';
import { lagOf, type Offsets, positionsFrom } from './positions.js';

const profiles: KafkaTopic = { name: 'profiles', cleanup: 'compact', partitions: 6, replication: 3, minInSyncReplicas: 2, maxCompactionLagMs: 3_600_000, deleteRetentionMs: 1000, segmentMs: 2000 };

describe('the definition of a topic', () => {
  it('becomes settings of Kafka', () => {
    expect(settingsOf(profiles)).toEqual({ 'cleanup.policy': 'compact', 'min.insync.replicas': '2', 'max.compaction.lag.ms': '3600000', 'delete.retention.ms': '1000', 'segment.ms': '2000' });
    expect(settingsOf({ name: 't', cleanup: 'delete', retentionMs: 5 })).toEqual({ 'cleanup.policy': 'delete', 'retention.ms': '5' });
    expect(settingsOf({ name: 't', cleanup: 'delete' })).toEqual({ 'cleanup.policy': 'delete', 'retention.ms': '-1' });
  });

  it('takes from the address what it does not say itself', () => {
    const topics = { partitions: 12, replication: 3 };
    expect(withDefaults({ name: 't', cleanup: 'delete', partitions: 1 }, { topics })).toEqual({ name: 't', cleanup: 'delete', partitions: 1, replication: 3 });
  });

  it('is compared with what is there, setting by setting; what is not asked for may be as it is', () => {
    const there = { partitions: 6, replication: 3, settings: { ...settingsOf(profiles), 'retention.ms': '77' } };
    expect(differences(profiles, there)).toEqual([]);
    expect(differences({ ...profiles, partitions: 3, deleteRetentionMs: 7 }, there)).toEqual([
      'Topic profiles has deleteRetentionMs 1000, and 7 is asked for',
      'Topic profiles has partitions 6, and 3 is asked for',
    ]);
    expect(differences({ name: 'profiles', cleanup: 'delete' }, there)).toEqual([
      'Topic profiles has cleanup compact, and delete is asked for',
      'Topic profiles has retentionMs 77, and not set is asked for',
    ]);
  });
});

describe('positions', () => {
  const offsets: Offsets = {
    bounds: async () => [{ partition: 0, low: '5', high: '9' }, { partition: 1, low: '0', high: '0' }],
    since: async (_, ms) => [{ partition: 0, offset: String(ms) }],
  };

  it('are found for every way to say where reading begins', async () => {
    expect(await positionsFrom('t', 'start', offsets)).toEqual([{ partition: 0, offset: '5' }, { partition: 1, offset: '0' }]);
    expect(await positionsFrom('t', 'end', offsets)).toEqual([{ partition: 0, offset: '9' }, { partition: 1, offset: '0' }]);
    expect(await positionsFrom('t', { time: '1970-01-01T00:00:00.007Z' }, offsets)).toEqual([{ partition: 0, offset: '7' }]);
    expect(await positionsFrom('t', { offsets: { 1: '4' } }, offsets)).toEqual([{ partition: 1, offset: '4' }]);
    await expect(positionsFrom('t', { offsets: { 2: '4' } }, offsets)).rejects.toThrow('Topic t has no partition 2');
    await expect(positionsFrom('t', { time: 'yesterday' }, offsets)).rejects.toThrow('yesterday is no time');
  });

  it('tell what is not handled yet: from the oldest message for who has committed nothing, or what is kept no more', async () => {
    const bounds = await offsets.bounds('t');
    expect(lagOf(bounds, [])).toBe(4);
    expect(lagOf(bounds, [{ partition: 0, offset: '2' }])).toBe(4);
    expect(lagOf(bounds, [{ partition: 0, offset: '8' }])).toBe(1);
    expect(lagOf(bounds, [{ partition: 0, offset: '9' }])).toBe(0);
    expect(lagOf(bounds, [{ partition: 0, offset: '12' }])).toBe(0); // of a topic that was lost and made anew
  });
});
