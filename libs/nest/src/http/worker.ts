import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Which run of which process works on something. */
export interface Worker {
  readonly host: string;
  readonly pid: number;
  readonly run: string;
}

export const thisProcess: Worker = { host: hostname(), pid: process.pid, run: randomUUID() };

/** True only when it is known: a process on this machine that is there no more. Of other machines nothing is known. */
export const isGone = ({ host, pid, run }: Worker): boolean =>
  host === thisProcess.host && run !== thisProcess.run && (pid === thisProcess.pid || !isRunning(pid));

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0); // asks only
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};
