import { spawn } from 'node:child_process';
import { workspaceFile } from './workspace.js';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly output: string;
}

/** The `kendt` command, as an operator runs it. */
export const kendt = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [workspaceFile('apps/cli/dist/main.js'), ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, output: stdout + stderr }));
  });
