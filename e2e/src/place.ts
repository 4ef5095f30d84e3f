import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Program, startProgram } from './program.js';
import { eventually } from './step.js';
import type { Place } from './world.js';
import { workspaceFile } from './workspace.js';

interface RunningNote {
  readonly url: string;
  readonly grpcUrl: string;
  readonly topics: string;
  readonly secretsDir: string;
}

/** The system that runs on a data folder, as it says there itself. `undefined` when none does. */
export const runningOn = async (dataDir: string): Promise<Place | undefined> => {
  let note: RunningNote;
  try {
    note = JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as RunningNote;
  } catch {
    return undefined;
  }
  const { url, grpcUrl, topics, secretsDir } = note;
  const answers = await fetch(`${url}/health/ready`).then(({ ok }) => ok, () => false);
  return answers ? { url, grpcUrl, topics, secretsDir, dataDir: resolve(dataDir) } : undefined;
};

export interface OwnSystem {
  readonly place: Place;
  readonly program: Program;
}

/** Starts a system on a folder of its own, on free ports unless told which. */
export const startOwn = async (dataDir: string, ports: Readonly<Record<string, string>> = {}): Promise<OwnSystem> => {
  const env = {
    DATA_DIR: dataDir,
    CONFIG_DIR: workspaceFile('config/demo'),
    HTTP_PORT: '0',
    GRPC_PORT: '0',
    OPERATORS_PORT: '0',
    RATE_LOGIN_PER_MINUTE: '1000',
    RATE_REGISTER_PER_MINUTE: '1000',
    ...ports,
  };
  const program = startProgram('kendt', workspaceFile('apps/standalone/dist/main.js'), [], { env });
  try {
    await program.line((line) => line.includes('Kendt is ready'));
    return { place: await eventually('Readiness', () => runningOn(dataDir), 20_000), program };
  } catch (error) {
    await program.stop('SIGKILL');
    throw error;
  }
};
