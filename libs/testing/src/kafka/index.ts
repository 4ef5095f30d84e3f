export { type KafkaCluster, type KafkaOptions, startKafka } from './broker.js';
export type { KafkaNode } from './node.js';
export { shareKafka, sharedKafka, type SharedKafka } from './shared.js';
