import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { connect } from '@kendt/connector';
import { checkConnector } from '@kendt/connector/testing';
import { consentHandler, customerHandler, erasureHandler } from './shop.handlers.js';
import { ShopTable } from './shop.table.js';

it('the web shop keeps the contract of a connector', async () => {
  const report = await checkConnector({
    system: 'webshop',
    open: () => {
      const folder = mkdtempSync(join(tmpdir(), 'kendt-webshop-'));
      const shop = ShopTable.open(join(folder, 'webshop.db'));
      return {
        connect: ({ topics, store }) => {
          const kendt = connect({ system: 'webshop', topics, store, brands: ['fjord'], onError: () => undefined });
          const context = { shop, reports: kendt, print: () => undefined, now: () => '2026-03-01T09:30:00.000Z' };
          return kendt.onCustomer(customerHandler(context)).onConsent(consentHandler(context)).onErasure(erasureHandler(context));
        },
        holds: (customerId) => shop.of(customerId),
        close: () => {
          shop.close();
          rmSync(folder, { recursive: true });
        },
      };
    },
  });
  expect(report.text).toMatch(/^The connector of webshop:\n( {2}ok .+\n?)+$/);
});
