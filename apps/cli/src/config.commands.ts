import { Command } from 'commander';
import type { Installation } from '@kendt/contracts';
import { openEventStore } from './event-store.js';
import { exitCodes, Failure, type Terminal } from './failure.js';

interface ConfigOptions {
  readonly json?: boolean;
  readonly topics?: boolean;
}

/** Loaded only when needed: it brings the whole framework with it. */
const nest = () => import('@kendt/nest');

export const configCommands = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('config')
    .description('the files that describe brands, clients, purposes and systems')
    .addCommand(
      new Command('check')
        .description('say every mistake in the files; changes nothing')
        .argument('[dir]', 'the folder (CONFIG_DIR, config/demo)')
        .option('--json', 'for programs')
        .action(async (dir: string | undefined, options: ConfigOptions) => done(await check(folder(dir, terminal), options, terminal))),
    )
    .addCommand(
      new Command('apply')
        .description('make the event store say what the files say; unchanged files append nothing, nothing is deleted')
        .argument('[dir]', 'the folder (CONFIG_DIR, config/demo)')
        .option('--topics', 'make the topics that follow from the files as well (TOPICS_URL)')
        .option('--json', 'for programs')
        .action(async (dir: string | undefined, options: ConfigOptions) => done(await apply(folder(dir, terminal), options, terminal))),
    );

const folder = (dir: string | undefined, { env }: Terminal): string => dir ?? (env['CONFIG_DIR'] || 'config/demo');

const read = async (dir: string): Promise<Installation> => {
  const { ConfigFilesError, readConfigFiles } = await nest();
  return readConfigFiles(dir).catch((error: unknown) => {
    if (error instanceof ConfigFilesError) throw new Failure(error.message, { cause: error });
    throw error;
  });
};

const check = async (dir: string, { json }: ConfigOptions, terminal: Terminal): Promise<number> => {
  const { brands, clients, purposes, systems } = await read(dir);
  const counts = { brands: brands.length, clients: clients.length, purposes: purposes.length, systems: systems.length };
  terminal.out(json ? `${JSON.stringify(counts)}\n` : `${dir} is right: ${counted(counts)}.\n`);
  return exitCodes.done;
};

const apply = async (dir: string, { json, topics }: ConfigOptions, terminal: Terminal): Promise<number> => {
  const installation = await read(dir);
  const { applyConfigFiles, readConfig } = await nest();
  const [{ upcasting }, { upcasters }] = await Promise.all([import('@kendt/eventsourcing'), import('@kendt/domain')]);
  const config = readConfig(terminal.env);
  const store = await openEventStore(config, terminal);
  try {
    const applied = await applyConfigFiles(upcasting(store, upcasters), installation, new Date().toISOString());
    const changes = Object.values<number>({ ...applied }).reduce((sum, count) => sum + count, 0);
    terminal.out(json ? `${JSON.stringify(applied)}\n` : changes === 0 ? 'Nothing has changed.\n' : `Changed: ${counted(applied)} (events).\n`);
  } finally {
    await store.close();
  }
  if (topics) await makeTopics(config.topicsUrl, installation, terminal);
  return exitCodes.done;
};

const makeTopics = async (topicsUrl: string, { brands, systems }: Installation, { env }: Terminal): Promise<void> => {
  const [{ openTopics }, { resolveReference }, { topicContracts }] = await Promise.all([import('@kendt/by-url'), nest(), import('@kendt/contracts')]);
  const topics = await openTopics({ topicsUrl }, { resolve: (reference) => resolveReference(reference, env) });
  try {
    await topics.ensure(topicContracts({ brands: brands.map(({ id }) => id), systems: systems.map(({ id }) => id) }));
  } finally {
    await topics.close();
  }
};

const counted = (counts: object): string => Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(', ');
