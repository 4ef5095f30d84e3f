import { readdirSync, readFileSync } from 'node:fs';

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

interface Used {
  readonly parent: number;
  readonly program: string;
  /** Of user and system, since the process began. */
  readonly seconds: number;
}

/** `undefined`: it has ended. */
const usedBy = (pid: number): Used | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')'); // the name before may hold blanks
    const fields = text.slice(end + 2).split(' ');
    return { parent: Number(fields[1]), program: text.slice(text.indexOf('(') + 1, end), seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond };
  } catch {
    return undefined;
  }
};

/** CPU seconds of what this process has started, added up by name: those given, else the name of the program. */
export const cpuByName = (names: ReadonlyMap<number, string>): Record<string, number> => {
  const all = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const used = usedBy(Number(name));
    return used ? [[Number(name), used] as const] : [];
  }));
  const isOurs = (pid: number): boolean => {
    const parent = all.get(pid)?.parent;
    return parent === process.pid || (parent !== undefined && parent > 1 && isOurs(parent));
  };
  const totals: Record<string, number> = {};
  for (const [pid, { program, seconds }] of all) {
    const name = names.get(pid) ?? program;
    if (isOurs(pid)) totals[name] = (totals[name] ?? 0) + seconds;
  }
  return totals;
};
