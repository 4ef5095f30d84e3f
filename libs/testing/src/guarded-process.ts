import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for a line on a pipe that only we hold. Without one the pipe has ended because we have, however that was, and so
 * must the program; what it would have written a moment later is waited for before its files go.
 */
const guard = '{ read -r _ <&3 || { kill -9 $$; sleep 1; rm -rf "$GUARDED_FILES"; }; } & exec "$@" 3<&-';

/** A program that never outlives this process, and whose files go with it if it has to end that way. Needs a POSIX shell. */
export class GuardedProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param log the file that what it says is added to */
  constructor(command: readonly string[], files: string, private readonly log: string) {
    const out = openSync(log, 'a', 0o600);
    const env = { ...process.env, GUARDED_FILES: files };
    // In a session of its own: Ctrl-C in a terminal is for us alone.
    this.#child = spawn('/bin/sh', ['-c', guard, 'sh', ...command], { stdio: ['ignore', out, out, 'pipe'], env, detached: true });
    closeSync(out);
    this.#ended = once(this.#child, 'exit').then(() => this.#dismissGuard());
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

  #dismissGuard(): void {
    const pipe = this.#child.stdio[3] as Writable;
    pipe.on('error', () => undefined); // the guard may have gone before
    pipe.end('\n');
  }
}

/** The end of a log: 3,000 characters. */
const lastWordsIn = (log: string): string => readFileSync(log, 'utf8').slice(-3000).trim() || 'it said nothing';
