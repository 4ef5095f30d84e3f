import { describe, expect, it } from '@jest/globals';
import type { AccessRule } from '@kendt/connector/kafka';
import { topicGrants } from '@kendt/contracts';
import { compareAccess } from './access.comparison.js';

const grants = topicGrants({ systems: [{ systemId: 'crm', brandIds: ['fjord'] }], groups: ['profile-purchases'] });
const compare = (there: readonly AccessRule[]) => compareAccess(grants, there, (systemId) => `User:${systemId}`);
const all = compare([]).missing;
const rule: AccessRule = { principal: 'User:shop', host: '*', permission: 'Allow', resource: 'topic', name: 'kendt.customers.v1', pattern: 'literal', operation: 'Read' };

describe('rules on a cluster, compared with what is needed', () => {
  it('are missing, or stand, one by one', () => {
    expect(all).toHaveLength(26);
    expect(compare(all)).toEqual({ missing: [], standing: all, beyond: [], wider: [] });
    expect(compare(all.slice(1))).toMatchObject({ missing: [all[0]], standing: all.slice(1) });
  });

  it('are something else from another host, by another pattern, or where they deny', () => {
    const [first] = all;
    for (const other of [{ ...first!, host: '10.0.0.1' }, { ...first!, pattern: 'literal' as const }, { ...first!, permission: 'Deny' as const }])
      expect(compare([other, ...all.slice(1)])).toMatchObject({ missing: [first], beyond: [other] });
  });

  it('are beyond on topics of Kendt and in groups that are named here, whoever has them', () => {
    const beyond: AccessRule[] = [
      rule, { ...rule, pattern: 'prefixed', name: 'kendt.' }, { ...rule, resource: 'group', name: 'profile-purchases' }, { ...rule, resource: 'group', name: 'crm.', pattern: 'prefixed' },
    ];
    expect(compare([...all, ...beyond]).beyond).toEqual(beyond);
  });

  it('are beyond in the groups of a system that is no longer registered', () => {
    const [left, foreign]: AccessRule[] = [{ ...rule, principal: 'User:erp', resource: 'group', name: 'erp.', pattern: 'prefixed' }, { ...rule, resource: 'group', name: 'mirror.', pattern: 'prefixed' }];
    expect(compare([...all, left!, foreign!])).toMatchObject({ beyond: [left], wider: [] });
  });

  it('are told apart where they reach Kendt’s topics among others, and passed over where they do not', () => {
    const wider: AccessRule[] = [{ ...rule, name: '*' }, { ...rule, name: 'ken', pattern: 'prefixed' }];
    expect(compare([...all, ...wider, { ...rule, name: 'orders' }, { ...rule, name: 'kendtlike', pattern: 'prefixed' }, { ...rule, name: 'ken' }])).toMatchObject({ beyond: [], wider });
  });
});
