import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { evenly } from './even-answers.js';

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await evenly(work, 50).catch(() => undefined);
  return performance.now() - started;
};

describe('answers at full steps of time', () => {
  it.each([
    ['quick work', async () => 1, 48],
    ['slower work', () => sleep(20), 48],
    ['work beyond a step', () => sleep(60), 98],
    ['a refusal', () => Promise.reject(new Error('no')), 48],
  ])('%s', async (_, work, atLeast) => expect(await took(work)).toBeGreaterThanOrEqual(atLeast));

  it('are the answers themselves', async () => {
    expect(await evenly(async () => 'yes', 1)).toBe('yes');
    await expect(evenly(() => Promise.reject(new Error('no')), 1)).rejects.toThrow('no');
  });
});
