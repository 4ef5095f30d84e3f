export { type AccessOperation, type AccessRule, KafkaAccess } from './access.js';
export { type KafkaLine, type KafkaOptions, type KafkaTiming } from './client.js';
export type { KafkaConsumeOptions } from './consuming.js';
export type { KafkaTopic } from './definition.js';
export { TopicsUnavailable } from './failures.js';
export { KafkaLog, type KafkaMessageOut } from './kafka.log.js';
export { KafkaTransport } from './kafka.transport.js';
export type { KafkaRecord } from './message.js';
