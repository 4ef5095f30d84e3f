import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { connect } from '@kendt/connector';
import { checkConnector } from '@kendt/connector/testing';
import { consentHandler, customerHandler, erasureHandler } from './crm.handlers.js';
import { CustomerTable } from './customer.table.js';

it('the CRM keeps the contract of a connector', async () => {
  const report = await checkConnector({
    system: 'crm',
    open: () => {
      const folder = mkdtempSync(join(tmpdir(), 'kendt-crm-'));
      const customers = CustomerTable.open(join(folder, 'crm.db'));
      return {
        connect: ({ topics, store }) => {
          const crm = connect({ system: 'crm', topics, store, onError: () => undefined });
          const context = { customers, reports: crm, print: () => undefined, now: () => '2026-03-01T09:30:00.000Z' };
          return crm.onCustomer(customerHandler(context)).onConsent(consentHandler(context)).onErasure(erasureHandler(context));
        },
        holds: (customerId) => {
          const held = customers.list().filter((row) => row.customerId === customerId).map(({ id: _, ...row }) => row);
          return held.length > 0 ? held : undefined;
        },
        close: () => {
          customers.close();
          rmSync(folder, { recursive: true });
        },
      };
    },
  });
  expect(report.text).toMatch(/^The connector of crm:\n( {2}ok .+\n?)+$/);
});
