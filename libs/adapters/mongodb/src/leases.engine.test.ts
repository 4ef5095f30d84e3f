import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { View } from '@kendt/eventsourcing';
import { type OwnDatabase, ownDatabase } from './on-mongodb.examples.js';
import { MongoViews } from './views.mongodb.js';

const here = import.meta.dirname;
const hook = join(here, '../../../../tools/swc-hook.mjs');

interface Checkpoint {
  readonly position: string;
  readonly fence: number;
}

let own: OwnDatabase;
let views: MongoViews;
let children: ChildProcess[];
beforeEach(async () => {
  own = ownDatabase();
  views = await MongoViews.open(own.options);
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  }
  await views.close();
  await own.remove();
});

const start = (name: string): { says(state: string): Promise<number>; send(signal: NodeJS.Signals): void } => {
  const child = spawn(process.execPath, ['--conditions=@kendt/source', '--import', hook, join(here, 'follower.examples.ts'), own.options.url, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const said: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => said.push(...chunk.toString().trim().split('\n')));
  return {
    says: async (state) => {
      const begin = performance.now();
      while (said.at(-1) !== state) await sleep(10);
      return performance.now() - begin;
    },
    send: (signal) => void child.kill(signal),
  };
};

it('a lease goes to who stands by within ten seconds of a SIGKILL, and of a pause; who was paused writes nothing any more', async () => {
  const a = start('a');
  await a.says('acts 1');
  const b = start('b');
  await b.says('stands by');
  a.send('SIGSTOP');
  expect(await b.says('acts 2')).toBeLessThan(10_000);
  const checkpoints: View<Checkpoint> = await views.open({ name: 'checkpoints@1' });
  const fence = async (): Promise<number | undefined> => (await checkpoints.get('publish'))?.value.fence;
  while ((await fence()) !== 2) await sleep(10);
  a.send('SIGCONT');
  await a.says('stands by');
  for (let n = 0; n < 20; n++, await sleep(10)) expect(await fence()).toBe(2);
  b.send('SIGKILL');
  expect(await a.says('acts 3')).toBeLessThan(10_000);
  while ((await fence()) !== 3) await sleep(10);
});
