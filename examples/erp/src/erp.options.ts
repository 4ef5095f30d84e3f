import { parseArgs } from 'node:util';
import { portOf } from '@kendt/example-console';

export interface ErpOptions {
  readonly topics: string;
  readonly dir: string;
  readonly system: string;
  /** 0: any free one. Undefined: no HTTP. */
  readonly port: number | undefined;
  /** Customers to write an invoice to at start. */
  readonly invoices: readonly string[];
  readonly brand: string;
  readonly json: boolean;
}

export const usage = `A small ERP that keeps invoices as long as the law wants, and answers Kendt.

  --topics <url>          where Kendt's topics are          (sqlite:data/topics.db)
  --dir <folder>          where the ERP keeps its state     (data/erp)
  --system <id>           what the configuration calls it   (erp)
  --brand <id>            who sells, unless told            (fjord)
  --port <number>         POST /invoices on 127.0.0.1; 0 takes a free port
  --invoice <customerId>  write an invoice at start; may be given several times
  --json                  one line of JSON for everything it does
  --help
`;

const definitions = {
  topics: { type: 'string', default: 'sqlite:data/topics.db' },
  dir: { type: 'string', default: 'data/erp' },
  system: { type: 'string', default: 'erp' },
  brand: { type: 'string', default: 'fjord' },
  port: { type: 'string' },
  invoice: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `help`: only the usage is asked for. @throws Error with one sentence. */
export const readOptions = (args: readonly string[]): ErpOptions | 'help' => {
  const { values } = parseArgs({ args: [...args], options: definitions, strict: true });
  if (values.help) return 'help';
  const { topics, dir, system, brand, json, invoice = [] } = values;
  return { topics, dir, system, brand, json, invoices: invoice, port: portOf(values.port) };
};
