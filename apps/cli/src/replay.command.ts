import { AuditEvent } from '@kendt/contracts';
import { Command } from 'commander';
import { accessToken, getLines } from './api.js';
import { connectionOf } from './connection.js';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { sentence } from './sentences.js';
import { table } from './table.js';

interface ReplayOptions {
  readonly customer?: string;
  readonly case?: string;
  readonly system?: string;
  readonly from?: string;
  readonly at?: string;
  readonly limit: string;
  readonly json?: boolean;
  readonly url?: string;
  readonly client?: string;
}

const columns = ['TIME', 'WHAT', 'ACTOR', 'CHANNEL', 'BRAND'];

export const replayCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('replay')
    .description('tell what happened, in order; asking is itself recorded where the customer can read it')
    .option('--customer <id>', 'everything about one customer')
    .option('--case <id>', 'one erasure case')
    .option('--system <id>', 'what concerns one system')
    .option('--from <time>', 'nothing before (ISO 8601, UTC)')
    .option('--at <time>', 'as it was known then: nothing that was recorded later')
    .option('--limit <n>', 'at most this many events', '100000')
    .option('--json', 'one JSON object per line, for programs')
    .option('--url <url>', 'where Kendt runs (KENDT_URL)')
    .option('--client <id>', 'which client asks (KENDT_CLIENT_ID; its secret: KENDT_CLIENT_SECRET, or the demo secrets in DATA_DIR)')
    .action(async (options: ReplayOptions) => done(await replay(options, terminal)));

const replay = async (options: ReplayOptions, terminal: Terminal): Promise<number> => {
  if (!options.customer && !options.case && !options.system && !options.from) throw new Failure('Say what to tell: --customer, --case, --system or --from.');
  const connection = connectionOf(options, terminal.env);
  const token = await accessToken(connection, 'audit:read');
  const rows: string[][] = [];
  let count = 0;
  for await (const line of getLines(`${connection.url}/v1/audit/events?${queryOf(options)}`, token)) {
    if (line === '') continue;
    count++;
    if (options.json) terminal.out(`${line}\n`);
    else rows.push(rowOf(line));
  }
  if (!options.json) terminal.out(count > 0 ? `${table(columns, rows)}\n\n${count} events.\n` : 'Nothing happened.\n');
  if (count < Number(options.limit)) return exitCodes.done;
  terminal.err(`There may be more than these ${count} events: raise --limit, or go on with --from.\n`);
  return exitCodes.failed;
};

const queryOf = ({ customer, case: caseId, system, from, at, limit }: ReplayOptions): string => {
  const given = Object.entries({ customer, case: caseId, system, from, at, limit }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(given).toString();
};

const rowOf = (line: string): string[] => {
  const event = AuditEvent.parse(JSON.parse(line));
  return [event.at, sentence(event), `${event.actor.kind} ${event.actor.id}`, event.channel ?? '', event.brand ?? ''];
};
