import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.js';
import { fault } from './stack-frames.js';

describe('a log file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-logs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has a line as soon as it is said, and is its owner’s alone', () => {
    const logFile = join(folder, 'logs/kendt.log');
    createLogger('test', { logLevel: 'info', logFile }).info({ code: 'OK' }, 'request');
    expect(JSON.parse(readFileSync(logFile, 'utf8'))).toMatchObject({ service: 'test', code: 'OK', msg: 'request' });
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
  });

  it('on a disk without room costs lines, and neither the process nor its end', () => {
    const logger = createLogger('test', { logLevel: 'info', logFile: '/dev/full' });
    for (let n = 0; n < 1000; n++) logger.info({ text: 'x'.repeat(5000) }, 'more than may wait');
    const program = `
      const { createLogger } = require(${JSON.stringify(join(import.meta.dirname, '../../dist/logs/logger.js'))});
      createLogger('test', { logLevel: 'info', logFile: '/dev/full' }).info('lost');
      setTimeout(() => console.log('lives on'), 20);`;
    const { stdout, status } = spawnSync(process.execPath, ['-e', program], { timeout: 10_000, encoding: 'utf8' });
    expect([stdout, status]).toEqual(['lives on\n', 0]);
  });
});

describe('what is logged of an error', () => {
  it('is its name, its code and where it happened, and never its message', () => {
    const error = Object.assign(new RangeError('ida.holm@example.org is too long'), { code: 'SQLITE_FULL' });
    expect(fault(error)).toEqual({ error: 'RangeError', code: 'SQLITE_FULL', stack: expect.stringMatching(/^\s+at /) as unknown });
    expect(fault(Object.assign(error, { code: 'no code: ida' }))).not.toHaveProperty('code');
    expect(fault('ida.holm@example.org')).toEqual({});
  });
});
