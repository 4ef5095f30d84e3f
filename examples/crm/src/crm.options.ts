import { parseArgs } from 'node:util';
import { portOf } from '@kendt/example-console';

export interface CrmOptions {
  readonly topics: string;
  readonly dir: string;
  readonly system: string;
  readonly brands: readonly string[] | undefined;
  /** 0: any free one. Undefined: no page. */
  readonly port: number | undefined;
  readonly json: boolean;
}

export const usage = `A small CRM that follows Kendt.

  --topics <url>    where Kendt's topics are          (sqlite:data/topics.db)
  --dir <folder>    where the CRM keeps its state     (data/crm)
  --system <id>     what the configuration calls it   (crm)
  --brands <a,b>    whose customers to follow         (every brand's)
  --port <number>   a page with its customers, on 127.0.0.1; 0 takes a free port
  --json            one line of JSON for everything it does
  --help
`;

const definitions = {
  topics: { type: 'string', default: 'sqlite:data/topics.db' },
  dir: { type: 'string', default: 'data/crm' },
  system: { type: 'string', default: 'crm' },
  brands: { type: 'string' },
  port: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `help`: only the usage is asked for. @throws Error with one sentence. */
export const readOptions = (args: readonly string[]): CrmOptions | 'help' => {
  const { values } = parseArgs({ args: [...args], options: definitions, strict: true });
  if (values.help) return 'help';
  const { topics, dir, system, json } = values;
  return { topics, dir, system, json, brands: values.brands?.split(',').filter(Boolean), port: portOf(values.port) };
};
