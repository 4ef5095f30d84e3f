import { type ConsentNews, type Connector, type CustomerChange, type Delivery, erased, type ErasureAnswer, notHeld } from '@kendt/connector';
import type { ErasureTaskIssued } from '@kendt/contracts';
import type { ShopTable } from './shop.table.js';

/** What the shop did: ids only. */
export interface ShopNews {
  readonly kind: 'customer-stored' | 'customer-removed' | `consent-${ConsentNews['state']}` | 'order-taken' | 'order-not-reported' | 'erasure-answered';
  readonly customerId: string;
  readonly number?: string;
  readonly purposeId?: string;
  readonly taskId?: string;
  readonly outcome?: string;
  readonly eventId?: string;
}

export interface ShopContext {
  readonly shop: ShopTable;
  readonly reports: Pick<Connector, 'reportPurchase' | 'reportHolding' | 'endHolding'>;
  readonly print: (news: ShopNews) => void;
  readonly now: () => string;
}

/** A customer has one: name and address, as the brand may see them. */
const account = 'account';

export const customerHandler =
  ({ shop, reports, print }: ShopContext) =>
  async (change: CustomerChange, { id: eventId }: Delivery): Promise<void> => {
    const { customerId } = change;
    if (change.kind === 'changed') {
      shop.saveCustomer(change.profile);
      await reports.reportHolding({ customerId, record: account, what: 'account', basis: 'contract' });
      return print({ kind: 'customer-stored', customerId, eventId });
    }
    await endHoldings(shop, reports, customerId);
    shop.remove(customerId);
    print({ kind: 'customer-removed', customerId, eventId });
  };

export const consentHandler =
  ({ shop, print }: ShopContext) =>
  ({ customerId, purposeId, state }: ConsentNews, { id: eventId }: Delivery): void => {
    shop.saveConsent(customerId, purposeId, state);
    print({ kind: `consent-${state}`, customerId, purposeId, eventId });
  };

/** The bookkeeping lies in the ERP, which answers for itself: no law keeps an order here, so everything goes. */
export const erasureHandler =
  ({ shop, reports, print }: ShopContext) =>
  async ({ customerId, taskId }: ErasureTaskIssued, { id: eventId }: Delivery): Promise<ErasureAnswer> => {
    await endHoldings(shop, reports, customerId);
    const answer = shop.remove(customerId) ? erased() : notHeld();
    print({ kind: 'erasure-answered', customerId, taskId, outcome: answer.outcome, eventId });
    return answer;
  };

const endHoldings = async (shop: ShopTable, reports: ShopContext['reports'], customerId: string): Promise<void> => {
  const records = shop.ordersOf(customerId).map(({ number }) => number);
  if (shop.knows(customerId)) records.push(account);
  for (const record of records) await reports.endHolding({ customerId, record });
};
