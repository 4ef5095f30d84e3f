import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Every line on stdout so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line, past or future, that fits. */
  line(fits: (line: string) => boolean, withinMs?: number): Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** The exit code, once it ends by itself or otherwise. */
  readonly ended: Promise<number | null>;
}

interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts another Node program of this workspace, compiled, as a process of its own. */
export const startProgram = (name: string, file: string, args: readonly string[], options: ProgramOptions = {}): Program => {
  const child = spawn(process.execPath, [file, ...args], {
    ...(options.cwd && { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const errors = collect(child);
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const listener of listeners) listener(line);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    name,
    pid: child.pid ?? 0,
    lines,
    ended,
    line: (fits, withinMs = 20_000) =>
      new Promise((resolve, reject) => {
        const found = lines.find(fits);
        if (found !== undefined) return resolve(found);
        const fail = (why: string): void => reject(new Error(`${name} ${why}${errors() ? `: ${errors()}` : ''}`));
        const timer = setTimeout(() => fail(`has not said it within ${withinMs} ms`), withinMs);
        listeners.add((line) => fits(line) && (clearTimeout(timer), resolve(line)));
        void ended.then((code) => (clearTimeout(timer), fail(`ended with ${code}`)));
      }),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
};

const collect = (child: ChildProcess): (() => string) => {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-2000)));
  return () => text.trim();
};
