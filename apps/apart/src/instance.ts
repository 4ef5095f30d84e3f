import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '@kendt/testing/guarded';

export interface InstanceOptions {
  /** `consent-2` */
  readonly name: string;
  /** Of its app's folder. */
  readonly service: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ports: { readonly http: number; readonly grpc: number; readonly operators: number };
}

export type InstanceState = 'starting' | 'ready' | 'degraded' | 'not-ready' | 'ended';

const apps = join(import.meta.dirname, '../..');
const restartAfter = 500;

/** One process of one service. It is started again when it ends by itself, as a process manager would. */
export class Instance {
  #child: ChildProcess | undefined;
  #said = '';
  #wanted = false;
  #ready = false;
  readyInMs: number | undefined;
  restarts = 0;

  constructor(readonly options: InstanceOptions) {}

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.#child?.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  get httpAddress(): string {
    return `127.0.0.1:${this.options.ports.http}`;
  }

  get operatorsUrl(): string {
    return `http://127.0.0.1:${this.options.ports.operators}`;
  }

  /** What it wrote on stderr: a sentence where it could not start. */
  get complaint(): string {
    return this.#said.trim();
  }

  /** @throws Error with what it said, when it ends before it is ready. */
  async start(): Promise<void> {
    this.#wanted = true;
    const begin = performance.now();
    const child = this.#spawn();
    for (let state = await this.state(); state !== 'ready' && state !== 'degraded'; state = await this.state()) {
      if (child.exitCode !== null || child.signalCode !== null) {
        this.#wanted = false;
        throw new Error(`${this.name} did not start: ${this.complaint || `it ended with ${child.exitCode ?? child.signalCode}`}`);
      }
      await sleep(25);
    }
    this.readyInMs = performance.now() - begin;
  }

  /** Ends it, by SIGTERM unless told; it stays ended. Gives the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#wanted = false;
    const child = this.#child;
    if (!child || this.pid === undefined) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  /** As a crash would: it comes back by itself. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child?.kill(signal);
  }

  async state(): Promise<InstanceState> {
    if (this.pid === undefined) return 'ended';
    const state = await readiness(`${this.operatorsUrl}/health/ready`);
    this.#ready ||= state !== undefined;
    return state ?? (this.#ready ? 'not-ready' : 'starting');
  }

  #spawn(): ChildProcess {
    const main = join(apps, this.options.service, 'dist/main.js');
    this.#ready = false;
    this.#said = '';
    const child = spawnGuarded([process.execPath, '--disable-warning=TimeoutNegativeWarning', main], { env: this.options.env });
    this.#child = child;
    child.stderr?.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-4000)));
    child.once('exit', () => void this.#again());
    return child;
  }

  async #again(): Promise<void> {
    await sleep(restartAfter, undefined, { ref: false });
    if (!this.#wanted || this.pid !== undefined) return;
    this.restarts += 1;
    this.#spawn();
  }
}

const readiness = async (url: string): Promise<Exclude<InstanceState, 'starting' | 'ended'> | undefined> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return ((await response.json()) as { status: 'ready' | 'degraded' | 'not-ready' }).status;
  } catch {
    return undefined;
  }
};
