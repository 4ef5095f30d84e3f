import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import type { Writable } from 'node:stream';

export interface GuardedOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where its three streams go: stderr to a pipe unless told, the others nowhere. */
  readonly stdio?: readonly [stdin: 'ignore', stdout: 'ignore' | number, stderr: 'pipe' | number];
  /** A folder that goes with it, where it has to end because we have. */
  readonly files?: string;
}

/**
 * Waits for a line on a pipe that only we hold. Without one the pipe has ended because we have, however that was, and so
 * must the program; what it would have written a moment later is waited for before its files go.
 */
const guard = '{ read -r _ <&3 || { kill -9 $$; [ -z "$GUARDED_FILES" ] || { sleep 1; rm -rf "$GUARDED_FILES"; }; }; } 2>/dev/null & exec "$@" 3<&-';

/**
 * A program that never outlives this process, even where that is killed. In a session of its own: a terminal's Ctrl-C is for who started it.
 * Needs a POSIX shell, whose process the program takes over.
 */
export const spawnGuarded = (command: readonly string[], { env, stdio = ['ignore', 'ignore', 'pipe'], files }: GuardedOptions): ChildProcess => {
  const streams: StdioOptions = [...stdio, 'pipe'];
  const child = spawn('/bin/sh', ['-c', guard, 'sh', ...command], { env: { ...env, GUARDED_FILES: files }, stdio: streams, detached: true });
  const pipe = child.stdio[3] as Writable;
  pipe.on('error', () => undefined); // the guard may have gone before
  child.once('exit', () => pipe.end('\n'));
  return child;
};
