import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { requiredOf } from '../config/service-config.js';
import { configHelp } from '../config/settings.js';
import { closeOnSignals } from '../signals.js';
import type { Adapters } from './preparation.js';
import { type Service, settingsOf } from './service.js';
import { type ServiceOptions, startService } from './start-service.js';

export const serviceHelp = (service: Pick<Service, 'name' | 'does' | 'settings'>): string => {
  const names = settingsOf(service);
  return `Kendt, the service ${service.name}. ${service.does}

Settings come from the environment. It does not start on a wrong one, and says all mistakes at once:

${configHelp(names, requiredOf(names))}
`;
};

/** How a process that writes to a terminal or is started by a manager behaves, whatever it runs. */
export const settleProcess = (): void => {
  // On a machine with much memory V8 lets garbage grow to several times what lives before it collects. Read by V8 at each collection.
  setFlagsFromString('--heap-growing-percent=100');
  process.umask(0o077); // whatever is written, SQLite's own journals too, is its owner's alone
};

/**
 * Modules, decorators and what was compiled once leave behind a quarter of the memory that a service then holds at rest; V8 would keep
 * it until as much has come again. It stands still for a quarter of a second, when it is about to be asked for the first time.
 */
const forgetTheStart = (): void => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
};

/** One sentence per mistake and no stack: exit code 1. */
export const refuseToStart = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};

/** A service as a program: the whole of a `main.ts`. */
export const runService = async (service: Service, adapters: Adapters, options: ServiceOptions = {}): Promise<void> => {
  if (process.argv.includes('--help')) return void process.stdout.write(serviceHelp(service));
  settleProcess();
  try {
    closeOnSignals(await startService(service, adapters, process.env, options));
    forgetTheStart();
  } catch (error) {
    refuseToStart(error);
  }
};
