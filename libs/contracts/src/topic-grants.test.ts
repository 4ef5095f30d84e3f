import { describe, expect, it } from '@jest/globals';
import { topicGrants } from './topic-grants.js';
import { speakerOf } from './speaker.js';

const cluster = { systems: [{ systemId: 'crm', brandIds: ['fjord'] }, { systemId: 'erp', brandIds: ['fjord', 'lund'] }], groups: ['profile-purchases'] };

describe('who may do what on a broker', () => {
  const named = (principal: string, operation: string): string[] =>
    topicGrants(cluster).flatMap((grant) => (grant.principal === principal && grant.resource === 'topic' && grant.operations.includes(operation as never) ? [grant.name] : []));

  it('lets a system write its own topics alone', () => {
    expect(named('User:crm', 'Write')).toEqual(['kendt.erasure-receipts.crm.v1', 'kendt.holdings.crm.v1', 'kendt.purchases.crm.v1', 'kendt.connectors.crm.v1']);
  });

  it('lets a system read the profiles of the brands that it serves, and of no other', () => {
    expect(named('User:crm', 'Read')).toEqual(['kendt.customers.v1', 'kendt.consents.v1', 'kendt.erasure-tasks.v1', 'kendt.profiles.fjord.v1']);
    expect(named('User:erp', 'Read')).toContain('kendt.profiles.lund.v1');
  });

  it('gives nobody but Kendt anything that is not named to the letter, but groups of their own', () => {
    const wide = topicGrants(cluster).filter(({ pattern }) => pattern === 'prefixed');
    expect(wide.map(({ principal, resource, name }) => [principal, resource, name])).toEqual([
      ['User:kendt', 'topic', 'kendt.'], ['User:kendt', 'group', 'crm.'], ['User:kendt', 'group', 'erp.'], ['User:crm', 'group', 'crm.'], ['User:erp', 'group', 'erp.'],
    ]);
  });
});

describe('the speaker of a message', () => {
  const topic = 'kendt.purchases.crm.v1';

  it('is the system of the topic, whatever form the source has', () => {
    for (const source of ['urn:kendt:system:crm', 'https://shop.example/orders', 'urn:shop']) expect(speakerOf({ topic }, { source })).toBe('crm');
  });

  it('is nobody where the message names another system, or the topic is nobody’s', () => {
    for (const source of ['urn:kendt:system:erp', 'urn:kendt:system:', 'urn:kendt:system:crm/x'])
      expect(() => speakerOf({ topic }, { source })).toThrow(expect.objectContaining({ code: 'SYSTEM_NOT_OF_TOPIC', kind: 'forbidden' }));
    expect(() => speakerOf({ topic: 'kendt.customers.v1' }, { source: 'urn:shop' })).toThrow(expect.objectContaining({ code: 'TOPIC_UNKNOWN' }));
  });
});
