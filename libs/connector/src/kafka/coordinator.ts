import type { Broker } from 'kafkajs';
import type { KafkaClient } from './client.js';
import { clusterOf } from './cluster.js';
import { isAway, toFailure } from './failures.js';
import { within } from './publisher.js';

/** With what the client's types leave out. */
interface Coordinator extends Broker {
  leaveGroup(member: { readonly groupId: string; readonly memberId: string }): Promise<unknown>;
}

/** Asks the broker that looks after a group, over connections of its own. */
export const askCoordinator = async (client: KafkaClient, groupId: string, question: (coordinator: Coordinator) => Promise<unknown>): Promise<void> => {
  const opened = client.open();
  const cluster = clusterOf(opened.kafka, groupId);
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    await question((await cluster.findGroupCoordinator({ groupId })) as Coordinator);
  } finally {
    await within(client.timing.close, cluster.disconnect());
    opened.cut();
  }
};

/**
 * Tells a group that a member does not come back. The client says so only to the broker that it has lost: whoever looks after the group now would
 * count that member for another session, and nobody would be given its partitions. @throws TopicsUnavailable
 */
export const leaveInPlaceOf = async (client: KafkaClient, groupId: string, memberId: string): Promise<void> => {
  try {
    await askCoordinator(client, groupId, (coordinator) => coordinator.leaveGroup({ groupId, memberId }));
  } catch (error) {
    if (isAway(error)) throw toFailure(error); // anything else: the group does not know it any more
  }
};
