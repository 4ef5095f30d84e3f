import kafkajs, { type GroupMember, type PartitionAssigner } from 'kafkajs';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

export interface Subscriber {
  readonly memberId: string;
  readonly topics: readonly string[];
}

/** Who gets which partitions of each topic: in turn, and only who follows the topic. Members learn of new topics at different times. */
export const assign = (members: readonly Subscriber[], partitionsOf: (topic: string) => readonly number[]): ReadonlyMap<string, Record<string, number[]>> => {
  const assigned = new Map<string, Record<string, number[]>>(members.map(({ memberId }) => [memberId, {}]));
  const topics = [...new Set(members.flatMap((member) => member.topics))].sort();
  let turn = 0;
  for (const topic of topics) {
    const followers = members.filter((member) => member.topics.includes(topic)).map(({ memberId }) => memberId).sort();
    for (const partition of partitionsOf(topic)) {
      const share = assigned.get(followers[turn++ % followers.length]!)!;
      (share[topic] ??= []).push(partition);
    }
  }
  return assigned;
};

/**
 * The client gives no chance to finish what is in hand before a group is divided anew. But it asks for the group's coordinator before
 * each joining, of a cluster that it shows to those who assign, and there `beforeJoin` steps in.
 */
export const assigner = (beforeJoin: () => Promise<void>): PartitionAssigner => ({ cluster }) => {
  const find = cluster.findGroupCoordinator.bind(cluster);
  cluster.findGroupCoordinator = async (group) => {
    await beforeJoin();
    return find(group);
  };
  const name = 'kendt';
  return {
    name,
    version: 1,
    protocol: ({ topics }) => ({ name, metadata: MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }) }),
    assign: async ({ members }) => {
      const subscribers = members.map(subscriberOf);
      await cluster.addMultipleTargetTopics([...new Set(subscribers.flatMap(({ topics }) => topics))]);
      const assigned = assign(subscribers, (topic) => cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId).sort((a, b) => a - b));
      return [...assigned].map(([memberId, assignment]) => ({ memberId, memberAssignment: MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) }) }));
    },
  };
};

const subscriberOf = ({ memberId, memberMetadata }: GroupMember): Subscriber => ({ memberId, topics: MemberMetadata.decode(memberMetadata)?.topics ?? [] });
