import { join } from 'node:path';
import type { Server } from 'node:http';
import { connect, type ConnectorProblem, fileStore } from '@kendt/connector';
import { consentHandler, type CrmNews, customerHandler, erasureHandler } from './crm.handlers.js';
import type { CrmOptions } from './crm.options.js';
import { CustomerTable } from './customer.table.js';
import { serveCustomers } from './customers.page.js';

export interface RunningCrm {
  /** Ends when the CRM does; rejects when it cannot go on. */
  readonly done: Promise<void>;
  readonly stop: () => Promise<void>;
}

const now = (): string => new Date().toISOString();

/** One line for everything that happens, for people or for programs. Never personal data. */
const printer =
  (json: boolean, write: (line: string) => void) =>
  ({ kind, ...rest }: { kind: string } & object): void => {
    const at = now();
    if (json) return write(JSON.stringify({ at, kind, ...rest }));
    const words = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`);
    write([at, kind, ...words].join(' '));
  };

const problemOf = ({ error: _, ...problem }: ConnectorProblem): { kind: string } & object => ({ kind: 'problem', ...problem });

const closed = (server: Server | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (!server) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });

export const startCrm = async (options: CrmOptions, write: (line: string) => void): Promise<RunningCrm> => {
  const print = printer(options.json, write);
  const customers = CustomerTable.open(join(options.dir, 'crm.db'));
  const crm = connect({
    system: options.system,
    topics: options.topics,
    store: fileStore(join(options.dir, 'connector')),
    ...(options.brands && { brands: options.brands }),
    onError: (problem) => print(problemOf(problem)),
  });
  const context = { customers, reports: crm, print: (news: CrmNews) => print(news), now };
  crm.onCustomer(customerHandler(context)).onConsent(consentHandler(context)).onErasure(erasureHandler(context));

  const page = options.port === undefined ? undefined : await serveCustomers(options.port, () => customers.list());
  const done = crm.run();
  crm.ready.then(
    () => print({ kind: 'ready', ...(page && { url: `http://127.0.0.1:${page.port}/` }) }),
    () => undefined,
  );
  const stop = async (): Promise<void> => {
    await Promise.all([crm.close(), closed(page?.server)]);
    customers.close();
  };
  return { done, stop };
};
