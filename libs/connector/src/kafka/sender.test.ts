import { describe, expect, it } from '@jest/globals';
import { partitionOf } from './sender.js';

describe('the partition of a key', () => {
  /** From the tests of the Java client (UtilsTest.testMurmur2). */
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('is where the Java client finds %s, for any number of partitions', (key, hash) => {
    for (const partitions of [1, 6, 12, 6]) expect(partitionOf(key, partitions)).toBe((hash & 0x7fffffff) % partitions);
  });
});
