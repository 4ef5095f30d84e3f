import { parseArgs } from 'node:util';
import { portOf } from '@kendt/example-console';

export interface WebshopOptions {
  readonly topics: string;
  readonly dir: string;
  readonly system: string;
  /** Whose shop it is. */
  readonly brand: string;
  /** 0: any free one. Undefined: no pages. */
  readonly port: number | undefined;
  readonly json: boolean;
}

export const usage = `A small web shop that follows Kendt, and tells it what was bought.

  --topics <url>    where Kendt's topics are          (sqlite:data/topics.db)
  --dir <folder>    where the shop keeps its state    (data/webshop)
  --system <id>     what the configuration calls it   (webshop)
  --brand <id>      whose shop it is                  (fjord)
  --port <number>   the shop, on 127.0.0.1; 0 takes a free port
  --json            one line of JSON for everything it does
  --help
`;

const definitions = {
  topics: { type: 'string', default: 'sqlite:data/topics.db' },
  dir: { type: 'string', default: 'data/webshop' },
  system: { type: 'string', default: 'webshop' },
  brand: { type: 'string', default: 'fjord' },
  port: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `help`: only the usage is asked for. @throws Error with one sentence. */
export const readOptions = (args: readonly string[]): WebshopOptions | 'help' => {
  const { values } = parseArgs({ args: [...args], options: definitions, strict: true });
  if (values.help) return 'help';
  const { topics, dir, system, brand, json } = values;
  return { topics, dir, system, brand, json, port: portOf(values.port) };
};
