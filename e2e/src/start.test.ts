import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OwnSystem, startOwn } from './place.js';
import { workspaceFile } from './workspace.js';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('starting Kendt', () => {
  let folder: string;
  let own: OwnSystem | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-start-'));
    own = undefined;
  });
  afterEach(async () => {
    await own?.program.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const start = (env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Ended> =>
    new Promise((resolve) => {
      const ports = { HTTP_PORT: '0', GRPC_PORT: '0', OPERATORS_PORT: '0', DATA_DIR: join(folder, 'data'), CONFIG_DIR: workspaceFile('config/demo') };
      const child = spawn(process.execPath, [workspaceFile('apps/standalone/dist/main.js'), ...args], { env: { ...process.env, ...ports, ...env } });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });

  const refuses = async (env: Readonly<Record<string, string>>, sentence: RegExp): Promise<void> => {
    const { code, stderr } = await start(env);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at |Error:/);
    expect(code).toBe(1);
  };

  it('shows every setting', async () => {
    const { code, stdout } = await start({}, ['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('HTTP_PORT');
    expect(stdout).toContain('DATA_DIR');
  }, 30_000);

  it('refuses a second start on the same data, and says where the first one is', async () => {
    own = await startOwn(join(folder, 'data'));
    await refuses({}, new RegExp(`running already on .*${own.place.url}`));
  }, 30_000);

  it('refuses a port in use, and names the setting', async () => {
    const server = await listening();
    const { port } = server.address() as AddressInfo;
    await refuses({ HTTP_PORT: String(port) }, /HTTP_PORT/);
    await refuses({ GRPC_PORT: String(port) }, /GRPC_PORT/);
    await refuses({ OPERATORS_PORT: String(port) }, /OPERATORS_PORT/);
    server.close();
  }, 60_000);

  it('refuses a data folder that cannot be written', async () => {
    writeFileSync(join(folder, 'data'), 'a file where a folder should be');
    await refuses({}, /data folder .* cannot be written/);
    await refuses({ DATA_DIR: join(folder, 'data/below') }, /data folder .* cannot be written/);
    await refuses({ DATA_DIR: '/proc/nowhere/data' }, /data folder .* cannot be written/);
  }, 30_000);

  it('refuses wrong settings, all at once, without their values', async () => {
    const { code, stderr } = await start({ HTTP_PORT: 'eighty', LOG_LEVEL: 'loud' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/HTTP_PORT .*\n?.*LOG_LEVEL|LOG_LEVEL .*\n?.*HTTP_PORT/s);
    expect(stderr).not.toContain('eighty');
  }, 30_000);

  it('refuses configuration files with mistakes, and says where', async () => {
    const config = join(folder, 'config');
    cpSync(workspaceFile('config/demo'), config, { recursive: true });
    writeFileSync(join(config, 'systems.yaml'), 'systems:\n  - { id: crm, name: CRM, brands: [nobody], holds: [{ what: contact, basis: consent }] }\n');
    await refuses({ CONFIG_DIR: config }, /systems\.yaml \/systems\/0\/brands\/0/);
    await refuses({ CONFIG_DIR: join(folder, 'nowhere') }, /brands\.yaml is missing/);
  }, 30_000);

  it('refuses to replace the key-encryption key', async () => {
    own = await startOwn(join(folder, 'data'));
    await own.program.stop();
    rmSync(join(folder, 'data/secrets/key-encryption-key'));
    await refuses({}, /key-encryption-key, which opens them, is missing/);
    writeFileSync(join(folder, 'data/secrets/key-encryption-key'), Buffer.alloc(32, 7).toString('base64url'), { mode: 0o600 });
    await refuses({}, /key/i);
  }, 60_000);

  it('refuses a database that is not one', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/events.db'), 'not a database, but long enough to be taken for a page of something else entirely'.repeat(60));
    await refuses({}, /events\.db/);
  }, 30_000);

  it('keeps every file to its owner', async () => {
    own = await startOwn(join(folder, 'data'));
    const open = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  }, 30_000);

  it('appends nothing when the files say what stands already', async () => {
    own = await startOwn(join(folder, 'data'));
    await own.program.stop();
    const before = statSync(join(folder, 'data/events.db')).size;
    own = await startOwn(join(folder, 'data'));
    await own.program.stop();
    expect(statSync(join(folder, 'data/events.db')).size).toBe(before);
  }, 60_000);

  it('stops within ten seconds of SIGTERM, with exit code 0', async () => {
    own = await startOwn(join(folder, 'data'));
    const begin = performance.now();
    expect(await own.program.stop('SIGTERM')).toBe(0);
    expect(performance.now() - begin).toBeLessThan(10_000);
  }, 30_000);
});

const listening = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
