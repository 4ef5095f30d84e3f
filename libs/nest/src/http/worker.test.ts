import { describe, expect, it } from '@jest/globals';
import { isGone, thisProcess } from './worker.js';

describe('whether who works on something is gone', () => {
  it.each([
    ['this very run', thisProcess, false],
    ['an earlier run whose process id is ours now, as in a container', { ...thisProcess, run: 'earlier' }, true],
    ['a process that is there', { ...thisProcess, run: 'other', pid: process.ppid }, false],
    ['a process that is not', { ...thisProcess, run: 'other', pid: 2 ** 30 }, true],
    ['a process of another machine', { host: 'elsewhere', run: 'other', pid: 2 ** 30 }, false],
  ])('%s', (_, worker, gone) => expect(isGone(worker)).toBe(gone));
});
