import { join } from 'node:path';
import type { Server } from 'node:http';
import { connect, type ConnectorProblem, fileStore } from '@kendt/connector';
import { bookInvoice, type NewInvoice, reportMissing } from './booking.js';
import { erasureHandler, type ErpNews } from './erasure.handler.js';
import type { ErpOptions } from './erp.options.js';
import { serveInvoices } from './invoice.http.js';
import { InvoiceTable } from './invoice.table.js';

export interface RunningErp {
  /** Ends when the ERP does; rejects when it cannot go on. */
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

export const startErp = async (options: ErpOptions, write: (line: string) => void): Promise<RunningErp> => {
  const print = printer(options.json, write);
  const invoices = InvoiceTable.open(join(options.dir, 'erp.db'));
  const erp = connect({
    system: options.system,
    topics: options.topics,
    store: fileStore(join(options.dir, 'connector')),
    onError: (problem) => print(problemOf(problem)),
  });
  const context = { invoices, reports: erp, print: (news: ErpNews) => print(news), now };
  const book = (invoice: NewInvoice) => bookInvoice(context, invoice);
  erp.onErasure(erasureHandler(context));

  await reportMissing(context);
  for (const customerId of options.invoices) await book({ customerId, brandId: options.brand, total: 129_900, currency: 'DKK' });
  const http = options.port === undefined ? undefined : await serveInvoices(options.port, options.brand, book);
  const done = erp.run();
  erp.ready.then(
    () => print({ kind: 'ready', ...(http && { url: `http://127.0.0.1:${http.port}/` }) }),
    () => undefined,
  );
  const stop = async (): Promise<void> => {
    await closed(http?.server);
    await erp.close();
    invoices.close();
  };
  return { done, stop };
};
