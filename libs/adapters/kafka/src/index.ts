export { KafkaTopics } from './topics.kafka.js';
