import { expect, it } from '@jest/globals';
import { assign } from './assigner.js';

const partitions = (topic: string): number[] => (topic === 'a' ? [0, 1, 2] : [0, 1]);

it('gives each partition to one member, in turn', () => {
  const members = ['two', 'one'].map((memberId) => ({ memberId, topics: ['b', 'a'] }));
  expect(Object.fromEntries(assign(members, partitions))).toEqual({ one: { a: [0, 2], b: [1] }, two: { a: [1], b: [0] } });
});

it('gives partitions of a topic only to members that know of it', () => {
  const members = [{ memberId: 'old', topics: ['a'] }, { memberId: 'new', topics: ['a', 'b'] }];
  expect(Object.fromEntries(assign(members, partitions))).toEqual({ old: { a: [1] }, new: { a: [0, 2], b: [0, 1] } });
});

it('gives nothing to more members than there are partitions', () => {
  const members = ['1', '2', '3'].map((memberId) => ({ memberId, topics: ['b'] }));
  expect(Object.fromEntries(assign(members, partitions))).toEqual({ 1: { b: [0] }, 2: { b: [1] }, 3: {} });
});
