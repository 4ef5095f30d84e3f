import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './free-ports.js';
import { type Installed, installed, root, serviceCalled } from './processes.examples.js';

const main = join(root, 'apps/consent/dist/main.js');

let place: Installed;
let child: ChildProcess | undefined;
beforeAll(async () => (place = await installed()));
afterEach(() => void child?.kill('SIGKILL'));
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

const status = (url: string): Promise<number> => fetch(url).then(({ status: answered }) => answered, () => 0);

/** A request of which the second half is still to come. */
const halfOf = async (port: number): Promise<{ socket: Socket; finish(): Promise<string> }> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const answer = (async () => Buffer.concat(await socket.toArray()).toString())();
  socket.write('PUT /v1/customers/me/consents/newsletter HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{');
  return {
    socket,
    finish: () => {
      socket.write('}');
      return answer;
    },
  };
};

/** A connection that was answered and is kept, as a gateway keeps it. */
const keptBy = async (port: number): Promise<{ ask(): Promise<string>; readonly socket: Socket }> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const ask = async (): Promise<string> => {
    const answer = once(socket, 'data') as Promise<[Buffer]>;
    socket.write('GET /v1/purposes HTTP/1.1\r\nhost: x\r\n\r\n');
    return (await answer)[0].toString();
  };
  return { ask, socket };
};

describe('a process that is told to stop', () => {
  it('says that it goes, answers what is in flight and what still comes, and ends with 0', async () => {
    const [http, operators] = (await freePorts(2)) as [number, number];
    const env = place.environmentOf(serviceCalled('consent'), { HTTP_PORT: String(http), OPERATORS_PORT: String(operators), DRAIN_SECONDS: '1' });
    child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = once(child, 'exit') as Promise<[number | null]>;
    const ready = `http://127.0.0.1:${operators}/health/ready`;
    while ((await status(ready)) !== 200) await sleep(50);
    const [inFlight, kept] = [await halfOf(http), await keptBy(http)];
    expect(await kept.ask()).toMatch(/^HTTP\/1\.1 200 /);
    await sleep(100);

    const begin = performance.now();
    child.kill('SIGTERM');
    while ((await status(ready)) === 200) await sleep(20);
    expect(performance.now() - begin).toBeLessThan(900); // at once, not after the drain
    const late = await fetch(`http://127.0.0.1:${http}/v1/purposes`);
    expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);

    await sleep(300); // an idle connection is open yet: whoever sends on it at this moment is answered
    expect(await kept.ask()).toMatch(/^HTTP\/1\.1 200 [^]*\r\nconnection: close\r\n/i);
    kept.socket.destroy();

    await sleep(1200); // nothing new is taken by now
    expect(await status(`http://127.0.0.1:${http}/v1/purposes`)).toBe(0);
    expect(await inFlight.finish()).toMatch(/^HTTP\/1\.1 401 /);
    const [code] = await ended;
    expect(code).toBe(0);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });
});

describe('a program of one service', () => {
  it('prints every setting that it reads, and ends with 0', () => {
    const { stdout, status: code } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/EVENT_STORE_URL +required +where events are kept/);
    expect(stdout).not.toContain('RATE_LOGIN');
  });

  it('says all that is wrong in sentences, and ends with 1', () => {
    const { stderr, status: code } = spawnSync(process.execPath, [main], { encoding: 'utf8', env: { HTTP_PORT: 'x' } });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual(['PUBLIC_URL is missing.', 'EVENT_STORE_URL is missing.', 'VIEWS_URL is missing.', 'TOPICS_URL is missing.', 'KEYS_URL is missing.', 'SECRETS_DIR is missing.', 'HTTP_PORT is not a number.']);
  });
});
