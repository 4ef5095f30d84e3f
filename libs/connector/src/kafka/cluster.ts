import kafkajs, { type Cluster, type Kafka } from 'kafkajs';

/** The connections of a consumer, which the client shows to those who assign partitions. Through them a broker can be asked directly. */
export const clusterOf = (kafka: Kafka, groupId: string): Cluster => {
  let shown: Cluster | undefined;
  kafka.consumer({
    groupId, allowAutoTopicCreation: false,
    partitionAssigners: [(config) => ((shown = config.cluster), kafkajs.PartitionAssigners.roundRobin(config))],
  });
  return shown!;
};
