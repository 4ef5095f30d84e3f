import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from './guarded.js';

/** A server that never outlives this process, and whose files go with it if it has to end that way. */
export class GuardedProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param log the file that what it says is added to */
  constructor(command: readonly string[], files: string, private readonly log: string) {
    const out = openSync(log, 'a', 0o600);
    this.#child = spawnGuarded(command, { env: process.env, stdio: ['ignore', out, out], files });
    closeSync(out);
    this.#ended = once(this.#child, 'exit');
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Returns once it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.#ended;
  }

  /** Returns once it serves. @throws with its last words, when it ends before or takes too long */
  async serves(name: string, isReady: () => Promise<boolean>, withinMs: number): Promise<void> {
    const until = Date.now() + withinMs;
    while (!(await isReady())) {
      if (!this.isRunning) throw new Error(`${name} ended while it started:\n${lastWordsIn(this.log)}`);
      if (Date.now() > until) throw new Error(`${name} was not ready within ${withinMs / 1000} s:\n${lastWordsIn(this.log)}`);
      await sleep(50);
    }
  }

  /** Asks it to end, and makes it when it has not within so long. */
  async stop(withinMs: number): Promise<void> {
    const impatience = setTimeout(() => this.signal('SIGKILL'), withinMs);
    await this.end('SIGTERM');
    clearTimeout(impatience);
  }
}

/** The end of a log: 3,000 characters. */
const lastWordsIn = (log: string): string => readFileSync(log, 'utf8').slice(-3000).trim() || 'it said nothing';
