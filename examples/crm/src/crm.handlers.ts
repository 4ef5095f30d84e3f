import type { ConsentNews, Connector, CustomerChange, Delivery, ErasureAnswer } from '@kendt/connector';
import { erased, notHeld } from '@kendt/connector';
import type { CustomerTable } from './customer.table.js';

/** What the CRM did: ids only. */
export interface CrmNews {
  readonly kind: 'customer-stored' | 'customer-removed' | `consent-${ConsentNews['state']}` | 'erasure-answered';
  readonly customerId: string;
  readonly brandId?: string;
  readonly purposeId?: string;
  readonly taskId?: string;
  readonly outcome?: string;
  readonly eventId: string;
  /** When it happened at Kendt; `at` of the printed line is when the CRM knew. */
  readonly happenedAt?: string;
}

interface CrmContext {
  readonly customers: CustomerTable;
  readonly reports: Pick<Connector, 'reportHolding' | 'endHolding'>;
  readonly print: (news: CrmNews) => void;
  readonly now: () => string;
}

const recordOf = (row: number): string => `contact-${row}`;

export const customerHandler =
  ({ customers, reports, print }: CrmContext) =>
  async (change: CustomerChange, delivery: Delivery): Promise<void> => {
    const { customerId, brandId } = change;
    const about = { customerId, brandId, eventId: delivery.id, ...(delivery.time !== undefined && { happenedAt: delivery.time }) };
    if (change.kind === 'changed') {
      const row = customers.save(change.profile);
      await reports.reportHolding({ customerId, record: recordOf(row), what: 'contact', basis: 'consent' });
      return print({ kind: 'customer-stored', ...about });
    }
    await endHoldings(reports, customerId, customers.rowsOf(customerId, brandId));
    customers.remove(customerId, brandId);
    print({ kind: 'customer-removed', ...about });
  };

export const consentHandler =
  ({ customers, print, now }: CrmContext) =>
  ({ customerId, brandId, purposeId, state, at }: ConsentNews, { id: eventId }: Delivery): void => {
    customers.saveConsent({ customerId, brandId, purposeId, state, happenedAt: at, seenAt: now() });
    print({ kind: `consent-${state}`, customerId, brandId, purposeId, eventId, happenedAt: at });
  };

/** No law keeps what a CRM holds: everything goes. */
export const erasureHandler =
  ({ customers, reports, print }: CrmContext) =>
  async ({ customerId, taskId, issuedAt }: { customerId: string; taskId: string; issuedAt: string }, { id: eventId }: Delivery): Promise<ErasureAnswer> => {
    await endHoldings(reports, customerId, customers.rowsOf(customerId));
    const answer = customers.remove(customerId) ? erased() : notHeld();
    print({ kind: 'erasure-answered', customerId, taskId, outcome: answer.outcome, eventId, happenedAt: issuedAt });
    return answer;
  };

const endHoldings = async (reports: CrmContext['reports'], customerId: string, rows: readonly number[]): Promise<void> => {
  for (const row of rows) await reports.endHolding({ customerId, record: recordOf(row) });
};
