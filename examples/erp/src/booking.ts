import type { Connector } from '@kendt/connector';
import type { PurchaseLine, PurchaseReported } from '@kendt/contracts';
import type { ErpNews } from './erasure.handler.js';
import type { Invoice, InvoiceTable } from './invoice.table.js';
import { keptUntil, law } from './retention.js';

export interface NewInvoice {
  readonly customerId: string;
  readonly brandId: string;
  /** Minor units. */
  readonly total: number;
  readonly currency: string;
  readonly lines?: readonly PurchaseLine[] | undefined;
  /** ISO 8601 date; today unless told. */
  readonly date?: string | undefined;
  /** For the driver. The law does not keep it. */
  readonly deliveryNote?: string | undefined;
}

export class CustomerIsGone extends Error {}

interface BookingContext {
  readonly invoices: InvoiceTable;
  readonly reports: Pick<Connector, 'reportPurchase' | 'reportHolding'>;
  readonly print: (news: ErpNews) => void;
  readonly now: () => string;
}

/** First into the books, then to Kendt: what was booked is reported at the next start if the process stops in between. */
export const bookInvoice = async (context: BookingContext, { deliveryNote, ...invoice }: NewInvoice): Promise<Invoice> => {
  if (context.invoices.wasRemoved(invoice.customerId)) throw new CustomerIsGone('This customer has been erased');
  const bookedAt = context.now();
  const date = invoice.date ?? bookedAt.slice(0, 10);
  const lines = invoice.lines ?? [{ sku: 'goods', name: 'Goods', quantity: 1, price: invoice.total }];
  const booked = context.invoices.book({ ...invoice, lines, date, bookedAt, until: keptUntil(date) }, deliveryNote);
  await report(context, booked);
  return booked;
};

export const reportMissing = async (context: BookingContext): Promise<void> => {
  for (const invoice of context.invoices.unreported()) await report(context, invoice);
};

const report = async ({ invoices, reports, print }: BookingContext, invoice: Invoice): Promise<void> => {
  const { customerId, number, until } = invoice;
  await reports.reportPurchase(purchaseOf(invoice));
  await reports.reportHolding({ customerId, record: number, what: 'invoice', basis: 'legal-obligation', law, until });
  invoices.markReported(number);
  print({ kind: 'invoice-booked', customerId, number, until });
};

const purchaseOf = ({ customerId, brandId, number, bookedAt, currency, total, lines }: Invoice): PurchaseReported => ({
  customerId,
  brandId,
  purchaseId: number,
  orderNumber: number,
  purchasedAt: bookedAt,
  currency,
  total,
  lines: [...lines],
  channel: 'web',
});
