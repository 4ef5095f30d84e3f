import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { spawnGuarded } from '@kendt/testing/guarded';
import type { Instance } from './instance.js';

const root = join(import.meta.dirname, '../../..');
export const gatewayFile = join(root, 'deploy/gateway/Caddyfile');

export interface Gateway {
  readonly pid: number;
  stop(): Promise<void>;
}

/** `REGISTRATION_HTTP=127.0.0.1:1 127.0.0.1:2`, as deploy/gateway/Caddyfile wants it. */
export const upstreams = (instances: readonly Pick<Instance, 'options'>[]): Record<string, string> => {
  const at = new Map<string, string[]>();
  for (const { options } of instances)
    for (const [kind, port] of [['HTTP', options.ports.http], ['GRPC', options.ports.grpc]] as const) {
      const name = `${options.service.toUpperCase()}_${kind}`;
      at.set(name, [...(at.get(name) ?? []), `127.0.0.1:${port}`]);
    }
  return Object.fromEntries([...at].map(([name, addresses]) => [name, addresses.join(' ')]));
};

/** Caddy with the configuration that containers use too. Returns once it answers. */
export const startGateway = async (port: number, folder: string, instances: readonly Pick<Instance, 'options'>[]): Promise<Gateway> => {
  const program = await caddy();
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, GATEWAY_ADDRESS: `http://:${port}`, GATEWAY_BIND: '127.0.0.1', ...upstreams(instances) };
  const child = spawnGuarded([program, 'run', '--config', gatewayFile, '--adapter', 'caddyfile'], { env });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  await answers(child, port, () => said);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const caddy = async (): Promise<string> => {
  const fetching = promisify(execFile)(process.execPath, [join(root, 'tools/caddy.mjs')]);
  fetching.child.stderr?.pipe(process.stderr, { end: false });
  return (await fetching).stdout.trim();
};

/** That its port is taken. Somebody else answers there then, who may be one of our services. */
const saysWithinMs = 250;

const answers = async (child: ChildProcess, port: number, said: () => string): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The gateway did not start (port ${port}): ${said().trim()}`);
    const answered = await fetch(`http://127.0.0.1:${port}/health/live`).then(({ ok }) => ok, () => false);
    await sleep(answered ? saysWithinMs : 50);
    if (answered && child.exitCode === null) return;
  }
};
