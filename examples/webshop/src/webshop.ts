import { join } from 'node:path';
import { connect, fileStore } from '@kendt/connector';
import { printer, problemNews, type Running } from '@kendt/example-console';
import { reportOrders, takeOrder } from './ordering.js';
import { consentHandler, customerHandler, erasureHandler, type ShopNews } from './shop.handlers.js';
import { serveShop } from './shop.http.js';
import { ShopTable } from './shop.table.js';
import type { WebshopOptions } from './webshop.options.js';

export const startWebshop = async ({ system, topics, dir, brand, port, json }: WebshopOptions, write: (line: string) => void): Promise<Running> => {
  const print = printer(json, write);
  const shop = ShopTable.open(join(dir, 'webshop.db'));
  const kendt = connect({ system, topics, store: fileStore(join(dir, 'connector')), brands: [brand], onError: (problem) => print(problemNews(problem)) });
  const context = { shop, reports: kendt, brand, print: (news: ShopNews) => print(news), now: () => new Date().toISOString() };
  kendt.onCustomer(customerHandler(context)).onConsent(consentHandler(context)).onErasure(erasureHandler(context));

  await reportOrders(context);
  const pages = port === undefined ? undefined : await serveShop(port, { table: shop, order: (wanted) => takeOrder(context, wanted) });
  const done = kendt.run();
  kendt.ready.then(
    () => print({ kind: 'ready', ...(pages && { url: pages.url }) }),
    () => undefined,
  );
  const stop = async (): Promise<void> => {
    await pages?.close();
    await kendt.close();
    shop.close();
  };
  return { done, stop };
};
