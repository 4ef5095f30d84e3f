import { expect, it } from '@jest/globals';
import { KafkaTopics } from './topics.kafka.js';

it.each([
  ['kafka://a?hunter2=1', 'TOPICS_URL has an option that Kendt does not know'],
  ['kafkas://a?tlsCaFile=/nowhere/ca.pem', 'The file of tlsCaFile /nowhere/ca.pem cannot be read.'],
  ['kafka://a?sasl=scram-sha-256&username=kendt&password=env:KENDT_NOWHERE', 'The variable KENDT_NOWHERE is missing.'],
  ['kafka://a?sasl=scram-sha-256&username=kendt&password=file:/nowhere/password', 'The secret /nowhere/password cannot be read.'],
])('says at once, and before it connects, what is wrong with %s', (url, why) => {
  expect(() => KafkaTopics.open({ url, setting: 'TOPICS_URL' })).toThrow(why);
});
