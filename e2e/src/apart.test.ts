import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Program, startProgram } from './program.js';
import { runningOn } from './place.js';
import { workspaceFile } from './workspace.js';

interface Listed {
  readonly name: string;
  readonly pid: number;
  readonly ports: readonly number[];
}

/** A line of the table that `npm run apart` prints. */
const listed = (line: string): Listed[] => {
  const [, name, pid, where] = /^ {2}([a-z]+(?:-\d)?) +(\d+) +(?:ready|degraded|running) +(http.*)$/.exec(line) ?? [];
  return name && pid && where ? [{ name, pid: Number(pid), ports: [...where.matchAll(/:(\d+)/g)].map(([, port]) => Number(port)) }] : [];
};

/** Local and remote ports of the TCP connections that a process has now (proc(5), net/tcp). */
const connectionsOf = (pid: number): { readonly local: number; readonly remote: number }[] => {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  }));
  const established = '01';
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n').slice(1).map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([, local, remote, state, , , , , , inode]) =>
    state === established && inode && sockets.has(inode) ? [{ local: parseInt(local!.split(':')[1]!, 16), remote: parseInt(remote!.split(':')[1]!, 16) }] : []);
};

describe('every service as two processes of its own, with a gateway in front', () => {
  let folder: string;
  let apart: Program;
  let url: string;
  let services: Listed[];
  let gateway: Listed;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-apart-'));
    const data = join(folder, 'data');
    const env = { DATA_DIR: data, HTTP_PORT: '0', TOPICS_URL: `sqlite:${join(data, 'apart/files/topics.db')}`, RATE_LOGIN_PER_MINUTE: '1000', RATE_REGISTER_PER_MINUTE: '1000' };
    apart = startProgram('apart', workspaceFile('apps/apart/dist/main.js'), [], { env, cwd: workspaceFile('.') });
    await apart.line((line) => line.startsWith('Ctrl-C'), 90_000);
    const all = apart.lines.flatMap(listed);
    services = all.filter(({ name }) => name !== 'gateway');
    gateway = all.find(({ name }) => name === 'gateway')!;
    url = (await runningOn(data))!.url;
  }, 100_000);

  afterAll(async () => {
    await apart?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  /** Who is connected now to a port of a service that is not its own: `gateway > consent`. */
  const crossings = (): string[] =>
    [gateway, ...services].flatMap((one) =>
      connectionsOf(one.pid).flatMap(({ local, remote }) => services.filter(({ name, ports }) => name !== one.name && ports.includes(remote) && !one.ports.includes(local)).map(({ name }) => `${one.name} > ${name.split('-')[0]!}`)));

  it('is twelve processes', () => expect(services).toHaveLength(12));

  it('goes through the journey unchanged, and nobody but the gateway connects to a service', async () => {
    const demo = startProgram('demo', workspaceFile('e2e/dist/demo.js'), ['--data', join(folder, 'data'), '--url', url, '--json']);
    const seen = new Set<string>();
    let running = true;
    void demo.ended.then(() => (running = false));
    while (running) {
      for (const crossing of crossings()) seen.add(crossing);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await demo.ended).toBe(0);
    expect(demo.lines.filter((line) => line.includes('"ok":true'))).toHaveLength(24);
    expect([...seen].sort()).toEqual(['audit', 'authentication', 'consent', 'erasure', 'profile', 'registration'].map((name) => `gateway > ${name}`));
  }, 150_000);

  it('loses no request while each process of a service is started anew, one after the other', async () => {
    const answers = new Map<number | string, number>();
    const count = (answer: number | string): void => void answers.set(answer, (answers.get(answer) ?? 0) + 1);
    let restarting = true;
    const asking = Array.from({ length: 4 }, async () => {
      while (restarting) count(await fetch(`${url}/v1/purposes`, { signal: AbortSignal.timeout(10_000) }).then(({ status }) => status, (error: Error) => error.name));
    });
    for (const { pid, ports } of services.filter(({ name }) => name.startsWith('consent-'))) {
      process.kill(pid, 'SIGTERM');
      while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 50));
      while (!(await fetch(`http://127.0.0.1:${ports[0]}/health/ready`).then(({ ok }) => ok, () => false))) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    restarting = false;
    await Promise.all(asking);
    expect([...answers.keys()]).toEqual([200]);
    expect(answers.get(200)).toBeGreaterThan(100);
  }, 60_000);

  it('ends with everything that it started', async () => {
    const parents = new Set(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => parentOf(pid) === apart.pid));
    expect(parents.size).toBe(13);
    expect(await apart.stop('SIGTERM')).toBe(0);
    expect([...parents].filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  }, 30_000);
});

const parentOf = (pid: string): number | undefined => {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
};
