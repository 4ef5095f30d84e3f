import { readFileSync } from 'node:fs';

export interface Memory {
  /** Resident: also what it only maps, such as Node's program, which all processes of it hold once. */
  readonly residentMb: number;
  /** What other processes hold too is divided by their number: the sum over all processes counts each page once. */
  readonly shareMb: number;
}

export const memoryOf = (pid: number): Memory => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
  return { residentMb: mb('Rss'), shareMb: mb('Pss') };
};

const ticksPerSecond = 100; // of Linux, wherever Node runs

/** Of user and system, since the process began. */
export const cpuSeconds = (pid: number): number => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // the name before may hold blanks
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};
