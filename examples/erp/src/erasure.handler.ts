import { type Connector, type Delivery, erased, type ErasureAnswer, notHeld, retained } from '@kendt/connector';
import type { ErasureTaskIssued, RetainedRecord } from '@kendt/contracts';
import type { Invoice, InvoiceTable } from './invoice.table.js';
import { basis, isProtected, law } from './retention.js';

/** What the ERP did: ids only. */
export interface ErpNews {
  readonly kind: 'invoice-booked' | 'erasure-answered';
  readonly customerId: string;
  readonly number?: string;
  readonly until?: string;
  readonly taskId?: string;
  readonly outcome?: string;
  readonly records?: readonly string[];
  readonly eventId?: string;
  /** When it happened at Kendt. */
  readonly happenedAt?: string;
}

interface ErasureContext {
  readonly invoices: InvoiceTable;
  readonly reports: Pick<Connector, 'endHolding'>;
  readonly print: (news: ErpNews) => void;
  readonly now: () => string;
}

const recordOf = ({ number, until }: Invoice): RetainedRecord => ({ record: number, what: 'invoice', law, basis, until });

/**
 * Deletes what no law protects, and says of the rest which law keeps it and until when. The first task is about everything; a
 * later one (`erase-retained`) about the records whose time has come.
 */
export const erasureHandler =
  ({ invoices, reports, print, now }: ErasureContext) =>
  async (task: ErasureTaskIssued, { id: eventId }: Delivery): Promise<ErasureAnswer> => {
    const { customerId, taskId, issuedAt } = task;
    const today = now().slice(0, 10);
    const concerned = invoices.of(customerId).filter(({ number }) => task.kind === 'erase' || task.records?.includes(number));
    const kept = concerned.filter(({ until }) => isProtected(until, today));
    const due = concerned.filter((invoice) => !kept.includes(invoice)).map(({ number }) => number);
    for (const record of due) await reports.endHolding({ customerId, record });
    const known = invoices.remove(customerId, due);
    const answer = answerOf(kept, known);
    print({ kind: 'erasure-answered', customerId, taskId, outcome: answer.outcome, records: kept.map(({ number }) => number), eventId, happenedAt: issuedAt });
    return answer;
  };

const answerOf = (kept: readonly Invoice[], known: boolean): ErasureAnswer => {
  if (kept.length > 0) return retained(kept.map(recordOf));
  return known ? erased() : notHeld();
};
