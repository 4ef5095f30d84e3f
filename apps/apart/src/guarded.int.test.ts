import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { spawnGuarded } from './guarded.js';

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a guarded program', () => {
  it('has the process that is named, its environment, and its exit code', async () => {
    const child = spawnGuarded(['/bin/sh', '-c', 'echo "$$ $WHO" >&2; exit 7'], { PATH: process.env['PATH'], WHO: 'me' });
    const [[said], [code]] = await Promise.all([once(child.stderr!, 'data') as Promise<[Buffer]>, once(child, 'exit') as Promise<[number]>]);
    expect([said.toString().trim(), code]).toEqual([`${child.pid} me`, 7]);
  });

  it('ends when who started it is killed', async () => {
    const starter = `const { spawnGuarded } = require(${JSON.stringify(require.resolve('../dist/guarded.js'))});
      console.log(spawnGuarded(['/bin/sleep', '60'], process.env).pid); setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['-e', starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    expect(runs(pid)).toBe(true);
    parent.kill('SIGKILL');
    for (let n = 0; n < 50 && runs(pid); n += 1) await sleep(100);
    expect(runs(pid)).toBe(false);
  });
});
