import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErasureTaskIssued } from '@kendt/contracts';
import { bookInvoice, CustomerIsGone, type NewInvoice, reportMissing } from './booking.js';
import { erasureHandler, type ErpNews } from './erasure.handler.js';
import { InvoiceTable } from './invoice.table.js';

let folder: string;
let invoices: InvoiceTable;
let today: string;
let printed: ErpNews[];
let reported: string[];
let topicsAreDown: boolean;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kendt-erp-'));
  invoices = InvoiceTable.open(join(folder, 'erp.db'));
  [today, printed, reported, topicsAreDown] = ['2026-03-01', [], [], false];
});
afterEach(() => {
  invoices.close();
  rmSync(folder, { recursive: true });
});

const report = async (what: string): Promise<void> => {
  if (topicsAreDown) throw new Error('The topics are down');
  reported.push(what);
};
const context = () => ({
  invoices,
  print: (news: ErpNews) => void printed.push(news),
  now: () => `${today}T09:30:00.000Z`,
  reports: {
    reportPurchase: ({ purchaseId, total }: { purchaseId: string; total: number }) => report(`purchase ${purchaseId} ${total}`),
    reportHolding: ({ record, until }: { record: string; until?: string | undefined }) => report(`holding ${record} ${until}`),
    endHolding: ({ record }: { record: string }) => report(`ended ${record}`),
  },
});
const book = (invoice: Partial<NewInvoice> = {}) => bookInvoice(context(), { customerId: 'ida', brandId: 'fjord', total: 129_900, currency: 'DKK', ...invoice });
const ask = (task: Partial<ErasureTaskIssued> = {}) =>
  erasureHandler(context())(
    { taskId: 't', caseId: 'c', customerId: 'ida', systemId: 'erp', kind: 'erase', issuedAt: '2026-03-01T09:30:00.000Z', dueAt: '2026-04-01T09:30:00.000Z', ...task },
    { id: 'event-1' },
  );
const kept = (record: string, until: string) => ({ record, what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', until });
const onDisk = (): string => readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')).join('');

describe('booking an invoice', () => {
  it('numbers it within its year, and tells Kendt of the purchase and the holding', async () => {
    await book();
    await book({ date: '2025-12-30' });
    await book({ total: 100 });
    expect(reported).toEqual([
      'purchase INV-2026-0001 129900',
      'holding INV-2026-0001 2031-12-31',
      'purchase INV-2025-0001 129900',
      'holding INV-2025-0001 2030-12-31',
      'purchase INV-2026-0002 100',
      'holding INV-2026-0002 2031-12-31',
    ]);
    expect(printed[0]).toEqual({ kind: 'invoice-booked', customerId: 'ida', number: 'INV-2026-0001', until: '2031-12-31' });
  });

  it('is told later when Kendt could not be told at once', async () => {
    topicsAreDown = true;
    await expect(book()).rejects.toThrow('down');
    topicsAreDown = false;
    await reportMissing(context());
    await reportMissing(context());
    expect(reported).toEqual(['purchase INV-2026-0001 129900', 'holding INV-2026-0001 2031-12-31']);
  });

  it('is not possible for somebody who was erased', async () => {
    await book();
    await ask();
    await expect(book()).rejects.toThrow(CustomerIsGone);
  });
});

describe('an erasure task', () => {
  it('leaves invoices that the law keeps, and says until when, each for itself', async () => {
    await book({ date: '2024-06-01' });
    await book();
    expect(await ask()).toEqual({ outcome: 'retained', retained: [kept('INV-2024-0001', '2029-12-31'), kept('INV-2026-0001', '2031-12-31')] });
    expect(printed.at(-1)).toMatchObject({ kind: 'erasure-answered', outcome: 'retained', records: ['INV-2024-0001', 'INV-2026-0001'] });
  });

  it('deletes what the law does not keep: notes, and invoices whose time has come', async () => {
    await book({ date: '2019-06-01', deliveryNote: 'Ring at Holm, third floor' });
    await book();
    expect(onDisk()).toContain('third floor');
    expect(await ask()).toEqual({ outcome: 'retained', retained: [kept('INV-2026-0001', '2031-12-31')] });
    expect(reported.at(-1)).toBe('ended INV-2019-0001');
    expect(onDisk()).not.toContain('third floor');
  });

  it('is answered with not held for a stranger, also the second time', async () => {
    await book({ customerId: 'bo' });
    expect(await ask()).toEqual({ outcome: 'unknown' });
    expect(await ask()).toEqual({ outcome: 'unknown' });
    expect(invoices.of('bo')).toHaveLength(1);
  });

  it('is answered the same when it comes twice, though everything was deleted the first time', async () => {
    await book({ date: '2019-06-01' });
    expect(await ask()).toEqual({ outcome: 'erased' });
    expect(await ask()).toEqual({ outcome: 'erased' });
  });
});

describe('the later task, when the time of records has come', () => {
  const later = (records: string[]) => ask({ kind: 'erase-retained', records });

  it('deletes the records that are named, and no others', async () => {
    await book({ date: '2024-06-01' });
    await book();
    await ask();
    today = '2030-01-01';
    expect(await later(['INV-2024-0001'])).toEqual({ outcome: 'erased' });
    expect(invoices.of('ida').map(({ number }) => number)).toEqual(['INV-2026-0001']);
    expect(reported.at(-1)).toBe('ended INV-2024-0001');
  });

  it('deletes nothing a day too early', async () => {
    await book({ date: '2024-06-01' });
    await ask();
    today = '2029-12-31';
    expect(await later(['INV-2024-0001'])).toEqual({ outcome: 'retained', retained: [kept('INV-2024-0001', '2029-12-31')] });
    expect(invoices.of('ida')).toHaveLength(1);
  });

  it('never deletes the record of another customer', async () => {
    await book({ customerId: 'bo', date: '2019-06-01' });
    expect(await later(['INV-2019-0001'])).toEqual({ outcome: 'unknown' });
    expect(invoices.remove('ida', ['INV-2019-0001'])).toBe(false);
    expect(invoices.of('bo')).toHaveLength(1);
  });
});
