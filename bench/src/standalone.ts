import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = dirname(dirname(import.meta.dirname));

export interface Standalone {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** Of the web shop of one brand, which the load speaks for. */
  readonly secret: string;
  /** Resident, as the kernel counts it, in MB. */
  residentMb(): number;
  /** From the start of the process until it was ready. */
  readonly startedInMs: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export const shop = 'fjord-web';

/** The demo's brands, without systems unless they are wanted: nobody has to answer for an erasure to end. */
export const benchConfig = (folder: string, { systems = false } = {}): string => {
  const config = join(folder, 'config');
  cpSync(join(root, 'config/demo'), config, { recursive: true });
  if (!systems) writeFileSync(join(config, 'systems.yaml'), 'systems: []\n');
  return config;
};

/** The process that `npm start` runs, on a folder of its own and free ports; rate limits are out of the way. */
export const startStandalone = async (folder: string, settings: Readonly<Record<string, string>> = {}): Promise<Standalone> => {
  const dataDir = join(folder, 'data');
  const unlimited = '1000000000';
  const env = {
    PATH: process.env['PATH'], DATA_DIR: dataDir, CONFIG_DIR: join(folder, 'config'), HTTP_PORT: '0', GRPC_PORT: '0', OPERATORS_PORT: '0',
    RATE_REGISTER_PER_MINUTE: unlimited, RATE_LOGIN_PER_MINUTE: unlimited, RATE_IDENTIFIER_PER_MINUTE: unlimited, ...settings,
  };
  const began = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', join(root, 'apps/standalone/dist/main.js')], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = listen(child);
  const ended = once(child, 'exit');
  await said('Kendt is ready');
  const { url, secretsDir } = JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as { url: string; secretsDir: string };
  return {
    url,
    pid: child.pid!,
    dataDir,
    secret: readFileSync(join(secretsDir, 'clients', shop), 'utf8').trim(),
    residentMb: () => residentMb(child.pid!),
    startedInMs: performance.now() - began,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
};

const listen = (child: ChildProcess): ((text: string) => Promise<void>) => {
  let [output, over] = ['', false];
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.once('exit', () => (over = true));
  return async (text) => {
    while (!output.includes(text)) {
      if (over) throw new Error(`The standalone process ended: ${output}`);
      await sleep(5);
    }
  };
};

const residentMb = (pid: number): number => {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1024;
};
