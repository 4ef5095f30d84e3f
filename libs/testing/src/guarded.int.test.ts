import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const child = spawnGuarded(['/bin/sh', '-c', 'echo "$$ $WHO" >&2; exit 7'], { env: { PATH: process.env['PATH'], WHO: 'me' } });
    const [[said], [code]] = await Promise.all([once(child.stderr!, 'data') as Promise<[Buffer]>, once(child, 'exit') as Promise<[number]>]);
    expect([said.toString().trim(), code]).toEqual([`${child.pid} me`, 7]);
  });

  it('ends when who started it is killed, and its files go', async () => {
    const files = mkdtempSync(join(tmpdir(), 'kendt-guarded-'));
    const starter = `const { spawnGuarded } = require(${JSON.stringify(require.resolve('../dist/guarded.js'))});
      console.log(spawnGuarded(['/bin/sleep', '60'], { env: process.env, files: ${JSON.stringify(files)} }).pid); setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['-e', starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    expect([runs(pid), existsSync(files)]).toEqual([true, true]);
    parent.kill('SIGKILL');
    for (let n = 0; n < 50 && (runs(pid) || existsSync(files)); n += 1) await sleep(100);
    expect([runs(pid), existsSync(files)]).toEqual([false, false]);
    rmSync(files, { recursive: true, force: true });
  });
});
