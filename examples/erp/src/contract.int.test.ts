import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { connect } from '@kendt/connector';
import { checkConnector } from '@kendt/connector/testing';
import { erasureHandler } from './erasure.handler.js';
import { InvoiceTable } from './invoice.table.js';

const at = '2026-03-01T09:30:00.000Z';

/* It learns of its customers at the counter, and follows erasures alone. */
it.each([
  ['whose invoices a law keeps', '2031-12-31'],
  ['whose invoices no law keeps any more', '2026-02-28'],
])('an ERP %s keeps the contract of a connector', async (_, until) => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-erp-'));
  let invoices = InvoiceTable.open(join(folder, 'erp-0.db'));
  let opened = 0;
  const report = await checkConnector({
    system: 'erp',
    follows: ['erasures'],
    fill: (_, customerId) => void invoices.book({ customerId, brandId: 'fjord', date: '2026-02-01', bookedAt: at, currency: 'DKK', total: 129_900, lines: [], until }, 'Leave it with the neighbour'),
    open: () => {
      invoices.close();
      const mine = (invoices = InvoiceTable.open(join(folder, `erp-${++opened}.db`)));
      return {
        connect: ({ topics, store }) => {
          const erp = connect({ system: 'erp', topics, store, onError: () => undefined });
          return erp.onErasure(erasureHandler({ invoices: mine, reports: erp, print: () => undefined, now: () => at }));
        },
        holds: (customerId) => (mine.of(customerId).length > 0 ? mine.of(customerId) : undefined),
      };
    },
  });
  invoices.close();
  rmSync(folder, { recursive: true });
  expect(report.text).toMatch(/^The connector of erp:\n( {2}ok .+\n?){3}$/);
});
