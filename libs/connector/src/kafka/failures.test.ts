import { describe, expect, it } from '@jest/globals';
import { isAway, isLostProducer, isMoving, kindOf, toFailure, TopicsUnavailable } from './failures.js';

const protocol = (type: string, retriable = false): Error => Object.assign(new Error(`about host:9092 and ${type}`), { name: 'KafkaJSProtocolError', type, retriable });
const wrapped = (cause: Error): Error => Object.assign(new Error('gave up'), { name: 'KafkaJSNumberOfRetriesExceeded', cause });

describe('what went wrong in Kafka', () => {
  it('is seen through what the client wraps around it', () => {
    expect(kindOf(wrapped(protocol('LEADER_NOT_AVAILABLE', true)))).toBe('LEADER_NOT_AVAILABLE');
    expect(kindOf(Object.assign(new Error('several'), { name: 'KafkaJSAggregateError', errors: [protocol('TOPIC_ALREADY_EXISTS')] }))).toBe('TOPIC_ALREADY_EXISTS');
    expect(kindOf(Object.assign(new Error('new'), { name: 'KafkaJSProtocolError', type: 'UNKNOWN', code: 90 }))).toBe('PRODUCER_FENCED');
    expect([kindOf(undefined), kindOf(new TypeError('x'))]).toEqual(['unknown', 'TypeError']);
  });

  it('is told apart by whether trying again helps, and by whom', () => {
    expect(isAway(wrapped(Object.assign(new Error('refused'), { name: 'KafkaJSConnectionError' })))).toBe(true);
    expect(isAway(wrapped(Object.assign(new Error('The group is rebalancing, so a rejoin is needed'), { name: 'KafkaJSError', retriable: true })))).toBe(true);
    expect([isAway(protocol('NOT_ENOUGH_REPLICAS', true)), isAway(protocol('MESSAGE_TOO_LARGE'))]).toEqual([true, false]);
    expect([isMoving(protocol('NOT_LEADER_FOR_PARTITION', true)), isMoving(protocol('REQUEST_TIMED_OUT', true))]).toEqual([true, false]);
    expect([isLostProducer(wrapped(protocol('UNKNOWN_PRODUCER_ID'))), isLostProducer(protocol('MESSAGE_TOO_LARGE'))]).toEqual([true, false]);
  });

  it('is told in sentences of our own, without addresses', () => {
    const told = [protocol('SASL_AUTHENTICATION_FAILED'), protocol('TOPIC_AUTHORIZATION_FAILED'), protocol('MESSAGE_TOO_LARGE'), protocol('NOT_ENOUGH_REPLICAS', true)].map((error) => toFailure(error).message);
    expect(told).toEqual([
      'Kafka refused the login: check sasl, user and secret.',
      'Kafka does not let this login do that (TOPIC_AUTHORIZATION_FAILED): check its access rights.',
      'Kafka could not do this (MESSAGE_TOO_LARGE).',
      new TopicsUnavailable().message,
    ]);
    const own = new Error('Topic t does not exist');
    expect(toFailure(own)).toBe(own);
  });
});
