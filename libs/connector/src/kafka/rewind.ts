import { GroupIsConsuming } from '../reading.js';
import type { KafkaClient } from './client.js';
import { askCoordinator } from './coordinator.js';
import { kindOf, toFailure } from './failures.js';
import type { Position } from './positions.js';

const consuming = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS', 'NON_EMPTY_GROUP']);

/** What a member of no generation commits is taken only while the group has no members. @throws GroupIsConsuming. */
export const commitFromOutside = async (client: KafkaClient, groupId: string, topic: string, positions: readonly Position[]): Promise<void> => {
  if (positions.length === 0) return;
  const commit = { groupId, groupGenerationId: -1, memberId: '', topics: [{ topic, partitions: [...positions] }] };
  try {
    await askCoordinator(client, groupId, (coordinator) => coordinator.offsetCommit(commit));
  } catch (error) {
    throw consuming.has(kindOf(error)) ? new GroupIsConsuming(groupId) : toFailure(error);
  }
};
