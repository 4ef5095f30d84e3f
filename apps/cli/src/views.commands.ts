import { setTimeout as sleep } from 'node:timers/promises';
import { type Comparison, progressText, type Rebuild } from '@kendt/eventsourcing';
import { Command } from 'commander';
import { askOperators } from './api.js';
import { operatorsConnection, type OperatorsConnection } from './connection.js';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { movingLine } from './moving-line.js';
import { table } from './table.js';

interface ViewsOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly unlessDifferent?: boolean;
}

/** As the operators' port tells it. */
interface ListedView {
  readonly name: string;
  readonly state: string;
  readonly documents: number;
  readonly position: string;
  readonly lagEvents?: number;
  readonly read?: number;
  readonly events: number;
  readonly parked: number;
  readonly rebuild?: Rebuild;
}

const pollMs = 500;

const address = (command: Command): Command =>
  command.option('--json', 'for programs').option('--url <url>', 'the operators’ port (KENDT_OPERATORS_URL; its key: KENDT_OPERATORS_KEY, or operators-key in SECRETS_DIR)');

export const viewsCommands = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('views')
    .description('the read models: how far they are, and building them anew')
    .addCommand(address(new Command('list').description('every view with its builds')).action(async (options: ViewsOptions) => done(await list(options, terminal))))
    .addCommand(
      address(new Command('rebuild').description('build a view anew beside the one that is read, compare the two, switch').argument('<name>', 'customers@1'))
        .option('--unless-different', 'do not switch when the documents are not the same')
        .action(async (name: string, options: ViewsOptions) => done(await rebuild(name, options, terminal))),
    )
    .addCommand(
      address(new Command('compare').description('compare another build with the one that is read').argument('<name>', 'customers@1, or customers@1#2 for its second build')).action(
        async (name: string, options: ViewsOptions) => done(await compare(name, options, terminal)),
      ),
    )
    .addCommand(
      address(new Command('drop').description('delete a build that is not read, or a version that is left over').argument('<name>', 'as views list shows it')).action(
        async (name: string, options: ViewsOptions) => done(await drop(name, options, terminal)),
      ),
    );

const listed = async (connection: OperatorsConnection): Promise<ListedView[]> => (await askOperators<{ views: ListedView[] }>(connection, 'views')).views;

const list = async (options: ViewsOptions, terminal: Terminal): Promise<number> => {
  const views = await listed(operatorsConnection(options, terminal.env));
  const rows = views.map(({ name, state, documents, position, lagEvents, parked }) => [name, state, documents.toLocaleString('en'), position || '–', lagEvents === undefined ? '–' : lagEvents.toLocaleString('en'), String(parked)]);
  terminal.out(options.json ? `${JSON.stringify(views)}\n` : `${table(['VIEW', 'STATE', 'DOCUMENTS', 'POSITION', 'BEHIND', 'PARKED'], rows)}\n`);
  return exitCodes.done;
};

/** The build goes on in the process whatever happens here: asked again, the command takes up watching it. */
const rebuild = async (name: string, options: ViewsOptions, terminal: Terminal): Promise<number> => {
  const connection = operatorsConnection(options, terminal.env);
  const begun = await askOperators<Rebuild>(connection, 'views/rebuild', { name, unlessDifferent: options.unlessDifferent ?? false }).catch(async (error: unknown) => {
    const running = (await listed(connection)).find((view) => view.name.startsWith(`${name}#`) && view.state === 'building')?.rebuild;
    if (running) return running;
    throw error;
  });
  const ended = await watch(connection, begun, terminal);
  if (options.json) terminal.out(`${JSON.stringify(ended)}\n`);
  else terminal.out(`${told(name, ended)}\n`);
  return ended.state === 'switched' ? exitCodes.done : exitCodes.failed;
};

const watch = async (connection: OperatorsConnection, begun: Rebuild, terminal: Terminal): Promise<Rebuild> => {
  const show = progress(begun, terminal);
  for (;;) {
    const view = (await listed(connection)).find(({ name }) => name === begun.name);
    if (!view?.rebuild) throw new Failure(`${begun.name} is no longer being built: it was dropped, or Kendt was started again. Look with kendt views list.`);
    show(view);
    if (view.rebuild.endedAt !== undefined) return view.rebuild;
    await sleep(pollMs);
  }
};

const progress = ({ name, startedAt }: Rebuild, terminal: Terminal): ((view: ListedView) => void) => {
  const line = movingLine(terminal);
  return ({ rebuild, read, events }) => {
    if (rebuild?.endedAt !== undefined) return line.clear();
    const of = read !== undefined && read > 0 && read < 1 ? Math.round(events / read) : undefined;
    line.show(rebuild?.state === 'comparing' ? `${name}: comparing` : `${name}: ${progressText(events, of, Date.now() - Date.parse(startedAt))}`);
  };
};

const told = (name: string, { state, name: built, comparison }: Rebuild): string => {
  const compared = comparison ? ` ${sameness(comparison)}` : '';
  switch (state) {
    case 'switched':
      return `${name} is read from ${built} now.${compared}`;
    case 'different':
      return `${name} is read from the old build still; ${built} stays beside it.${compared}`;
    case 'stopped':
      return `${built} is not built to its end: Kendt was stopped, and goes on with it at the next start.`;
    default:
      return `${built} could not be built; the log of Kendt says why.`;
  }
};

const sameness = ({ documents, differences, first }: Comparison): string =>
  differences === 0 ? `All ${documents.toLocaleString('en')} documents are the same.` : `${differences.toLocaleString('en')} of ${documents.toLocaleString('en')} documents differ: ${first.join(', ')}${differences > first.length ? ' …' : ''}`;

const compare = async (name: string, options: ViewsOptions, terminal: Terminal): Promise<number> => {
  const comparison = await askOperators<Comparison>(operatorsConnection(options, terminal.env), 'views/compare', { name });
  terminal.out(options.json ? `${JSON.stringify(comparison)}\n` : `${sameness(comparison)}\n`);
  return comparison.differences === 0 ? exitCodes.done : exitCodes.failed;
};

const drop = async (name: string, options: ViewsOptions, terminal: Terminal): Promise<number> => {
  await askOperators(operatorsConnection(options, terminal.env), 'views/drop', { name });
  terminal.out(options.json ? `${JSON.stringify({ dropped: name })}\n` : `${name} is gone.\n`);
  return exitCodes.done;
};
