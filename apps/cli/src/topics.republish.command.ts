import { setTimeout as sleep } from 'node:timers/promises';
import { progressText, type Republication } from '@kendt/eventsourcing';
import { Command } from 'commander';
import { askOperators } from './api.js';
import { operatorsConnection, type OperatorsConnection } from './connection.js';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { movingLine } from './moving-line.js';

interface RepublishOptions {
  readonly topic: string;
  readonly from: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly url?: string;
}

type Listed = Republication & { readonly read?: number };

const pollMs = 250;
const again = 'Run the command once more: it begins anew with the same ids, and readers drop what they have seen.';

export const republishCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('republish')
    .description('publish the messages of a topic once more, from the events, with the same ids; for a topic that was lost')
    .requiredOption('--topic <name>', 'kendt.consents.v1')
    .requiredOption('--from <time>', 'start, or the time from which on events are told again (2026-03-01T12:00:00Z)')
    .option('--dry-run', 'count, and send nothing')
    .option('--json', 'for programs')
    .option('--url <url>', 'the operators’ port (KENDT_OPERATORS_URL; its key: KENDT_OPERATORS_KEY, or operators-key in SECRETS_DIR)')
    .addHelpText('after', `\nCtrl-C ends the watching only: Kendt goes on. Cut short by a stop of Kendt, or by brokers that are away? ${again}`)
    .action(async (options: RepublishOptions) => done(await republish(options, terminal)));

/** It goes on in the process whatever happens here: asked again, the command takes up watching it. */
const republish = async ({ topic, from, dryRun = false, ...options }: RepublishOptions, terminal: Terminal): Promise<number> => {
  const connection = operatorsConnection(options, terminal.env);
  const wish = { topic, from: startOf(from), dryRun };
  const begun = await askOperators<Listed>(connection, 'topics/republish', wish).catch(async (error: unknown) => {
    const running = await listed(connection, topic);
    if (running?.state === 'running') return running;
    throw error;
  });
  const ended = await watch(connection, begun, terminal);
  terminal.out(options.json ? `${JSON.stringify(ended)}\n` : `${told(ended)}\n`);
  return ended.state === 'done' && ended.skipped === 0 ? exitCodes.done : exitCodes.failed;
};

const startOf = (from: string): string => {
  if (from === 'start') return from;
  if (Number.isNaN(Date.parse(from))) throw new Failure('--from is start, or a time like 2026-03-01T12:00:00Z.');
  return new Date(from).toISOString();
};

const listed = async (connection: OperatorsConnection, topic: string): Promise<Listed | undefined> =>
  (await askOperators<{ republications: Listed[] }>(connection, 'topics/republish')).republications.find((each) => each.topic === topic);

const watch = async (connection: OperatorsConnection, begun: Listed, terminal: Terminal): Promise<Listed> => {
  const line = movingLine(terminal);
  for (let current: Listed | undefined = begun; ; current = await stillListed(connection, begun.topic)) {
    if (current?.startedAt !== begun.startedAt) throw new Failure(`${begun.topic} is no longer being published again: Kendt was started anew. ${again}`);
    if (current.state !== 'running') {
      line.clear();
      return current;
    }
    line.show(progressOf(current));
    await sleep(pollMs);
  }
};

const stillListed = (connection: OperatorsConnection, topic: string): Promise<Listed | undefined> =>
  listed(connection, topic).catch((cause: unknown) => {
    throw new Failure(`Kendt went away, and ${topic} may not have got all of its messages. Start it. ${again}`, { cause });
  });

const progressOf = ({ topic, events, read, startedAt }: Listed): string => {
  const of = read !== undefined && read > 0 && read < 1 ? Math.round(events / read) : undefined;
  return `${topic}: ${progressText(events, of, Date.now() - Date.parse(startedAt))}`;
};

const told = ({ topic, state, dryRun, events, messages, skipped, reason }: Republication): string => {
  const [counted, read] = [messages.toLocaleString('en'), events.toLocaleString('en')];
  const left = skipped === 0 ? '' : ` Left out: ${skipped.toLocaleString('en')}, which cannot be told or come after such a one of the same customer; see kendt parked list.`;
  switch (state) {
    case 'done':
      return dryRun ? `${topic} would get ${counted} messages of ${read} events; none was sent.${left}` : `${topic} has got ${counted} messages of ${read} events once more.${left}`;
    case 'stopped':
      return `${topic} has got ${counted} messages, not all of them: this process was stopped, or another one publishes now. ${again}`;
    default:
      return `${topic} has got ${counted} messages, not all of them (${reason ?? 'no reason is known'}). ${again}`;
  }
};
