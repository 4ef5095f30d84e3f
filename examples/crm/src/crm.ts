import { join } from 'node:path';
import { connect, fileStore } from '@kendt/connector';
import { printer, problemNews, type Running } from '@kendt/example-console';
import { consentHandler, type CrmNews, customerHandler, erasureHandler } from './crm.handlers.js';
import type { CrmOptions } from './crm.options.js';
import { CustomerTable } from './customer.table.js';
import { serveCustomers } from './customers.page.js';

const now = (): string => new Date().toISOString();

export const startCrm = async (options: CrmOptions, write: (line: string) => void): Promise<Running> => {
  const print = printer(options.json, write);
  const customers = CustomerTable.open(join(options.dir, 'crm.db'));
  const crm = connect({
    system: options.system,
    topics: options.topics,
    store: fileStore(join(options.dir, 'connector')),
    ...(options.brands && { brands: options.brands }),
    onError: (problem) => print(problemNews(problem)),
  });
  const context = { customers, reports: crm, print: (news: CrmNews) => print(news), now };
  crm.onCustomer(customerHandler(context)).onConsent(consentHandler(context)).onErasure(erasureHandler(context));

  const page = options.port === undefined ? undefined : await serveCustomers(options.port, () => customers.list());
  const done = crm.run();
  crm.ready.then(
    () => print({ kind: 'ready', ...(page && { url: page.url }) }),
    () => undefined,
  );
  const stop = async (): Promise<void> => {
    await Promise.all([crm.close(), page?.close()]);
    customers.close();
  };
  return { done, stop };
};
