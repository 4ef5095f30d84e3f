import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** Waits for a line on a pipe that only we hold. Without one the pipe has ended because we have, however that was, and so must the program. */
const guard = '{ read -r _ <&3 || kill -9 $$; } 2>/dev/null & exec "$@" 3<&-';

/**
 * A program that never outlives this process, even where that is killed. In a session of its own: a terminal's Ctrl-C is for who started it.
 * Needs a POSIX shell, whose process the program takes over.
 */
export const spawnGuarded = (command: readonly string[], env: Readonly<Record<string, string | undefined>>): ChildProcess => {
  const child = spawn('/bin/sh', ['-c', guard, 'sh', ...command], { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true });
  const pipe = child.stdio[3] as Writable;
  pipe.on('error', () => undefined); // the guard may have gone before
  child.once('exit', () => pipe.end('\n'));
  return child;
};
