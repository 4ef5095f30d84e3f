import { join } from 'node:path';
import { connect, fileStore } from '@kendt/connector';
import { printer, problemNews, type Running } from '@kendt/example-console';
import { bookInvoice, type NewInvoice, reportMissing } from './booking.js';
import { erasureHandler, type ErpNews } from './erasure.handler.js';
import type { ErpOptions } from './erp.options.js';
import { serveInvoices } from './invoice.http.js';
import { InvoiceTable } from './invoice.table.js';

const now = (): string => new Date().toISOString();

export const startErp = async (options: ErpOptions, write: (line: string) => void): Promise<Running> => {
  const print = printer(options.json, write);
  const invoices = InvoiceTable.open(join(options.dir, 'erp.db'));
  const erp = connect({
    system: options.system,
    topics: options.topics,
    store: fileStore(join(options.dir, 'connector')),
    onError: (problem) => print(problemNews(problem)),
  });
  const context = { invoices, reports: erp, print: (news: ErpNews) => print(news), now };
  const book = (invoice: NewInvoice) => bookInvoice(context, invoice);
  erp.onErasure(erasureHandler(context));

  await reportMissing(context);
  for (const customerId of options.invoices) await book({ customerId, brandId: options.brand, total: 129_900, currency: 'DKK' });
  const http = options.port === undefined ? undefined : await serveInvoices(options.port, options.brand, book);
  const done = erp.run();
  erp.ready.then(
    () => print({ kind: 'ready', ...(http && { url: http.url }) }),
    () => undefined,
  );
  const stop = async (): Promise<void> => {
    await http?.close();
    await erp.close();
    invoices.close();
  };
  return { done, stop };
};
