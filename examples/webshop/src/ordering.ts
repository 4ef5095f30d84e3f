import type { PurchaseReported } from '@kendt/contracts';
import { currency, products } from './products.js';
import type { ShopContext } from './shop.handlers.js';
import type { Order } from './shop.table.js';

export interface WantedOrder {
  readonly formId: string;
  readonly customerId: string;
  readonly sku: string;
  readonly quantity: number;
}

/**
 * Into the shop's own table first, then to Kendt: an order counts as soon as the shop has it, and what Kendt could not be told
 * now is told with the next order or at the next start. Undefined where the shop knows no such customer or product.
 */
export const takeOrder = async (context: ShopContext & { readonly brand: string }, wanted: WantedOrder): Promise<Order | undefined> => {
  const product = products.find(({ sku }) => sku === wanted.sku);
  const order = product && context.shop.order({ ...wanted, price: product.price, orderedAt: context.now() });
  if (!order) return undefined;
  context.print({ kind: 'order-taken', customerId: order.customerId, number: order.number });
  await reportOrders(context);
  return order;
};

export const reportOrders = async ({ shop, reports, print, brand }: ShopContext & { readonly brand: string }): Promise<void> => {
  for (const order of shop.unreported()) {
    const { customerId, number } = order;
    try {
      await reports.reportPurchase(purchaseOf(order, brand));
      await reports.reportHolding({ customerId, record: number, what: 'order', basis: 'contract' });
      shop.markReported(number);
    } catch {
      return print({ kind: 'order-not-reported', customerId, number });
    }
  }
};

const purchaseOf = ({ customerId, number, sku, quantity, price, orderedAt }: Order, brandId: string): PurchaseReported => ({
  customerId,
  brandId,
  purchaseId: number,
  orderNumber: number,
  purchasedAt: orderedAt,
  currency,
  total: quantity * price,
  lines: [{ sku, name: products.find((product) => product.sku === sku)?.name ?? sku, quantity, price }],
  channel: 'web',
});
