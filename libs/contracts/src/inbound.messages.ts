import { z } from 'zod';
import { ConnectorStatus } from './connector.schema.js';
import { RetainedRecord } from './erasure.schema.js';
import { purchaseFields } from './profile.schema.js';
import { Day, Id, LawfulBasis, line, Slug, Time } from './values.schema.js';

/*
 * What systems tell Kendt. Strict: a field that is not understood is refused, so that a slip is seen at once. Which system
 * speaks is told by the topic.
 */

const answer = { taskId: Id, caseId: Id, customerId: Id, at: Time };

/** A reason is read by people and kept for ever: it never names the customer. */
const reason = line(500);

export const ErasureReceipt = z
  .discriminatedUnion('outcome', [
    z.strictObject({ ...answer, outcome: z.literal('erased') }),
    z.strictObject({ ...answer, outcome: z.literal('retained'), retained: z.array(RetainedRecord).min(1).max(500) }),
    z.strictObject({ ...answer, outcome: z.literal('failed'), reason }),
    z.strictObject({ ...answer, outcome: z.literal('unknown') }),
  ])
  .meta({ id: 'ErasureReceipt', description: 'The answer of a system to a task; `unknown`: it holds nothing of this customer.' });
export type ErasureReceipt = z.infer<typeof ErasureReceipt>;

/** `kendt.erasure-receipts.<system>.v1` */
export const erasureReceiptMessages = { 'kendt.erasure.receipt.v1': ErasureReceipt } as const;

export const HoldingReported = z
  .strictObject({
    customerId: Id,
    record: Id,
    what: Slug,
    basis: LawfulBasis,
    law: line(200).optional(),
    until: Day.optional().meta({ description: 'The last day that it is kept; absent: until the customer asks.' }),
    at: Time,
  })
  .meta({ id: 'HoldingReported', description: 'A system holds this record of this customer. Again with the same `record`: it has changed.' });
export type HoldingReported = z.infer<typeof HoldingReported>;

export const HoldingEnded = z.strictObject({ customerId: Id, record: Id, at: Time }).meta({ id: 'HoldingEnded', description: 'The record is gone.' });
export type HoldingEnded = z.infer<typeof HoldingEnded>;

/** `kendt.holdings.<system>.v1` */
export const holdingMessages = { 'kendt.holding.reported.v1': HoldingReported, 'kendt.holding.ended.v1': HoldingEnded } as const;

export const PurchaseReported = z
  .strictObject({ customerId: Id, brandId: Slug, ...purchaseFields })
  .meta({ id: 'PurchaseReported', description: 'A customer has bought something.' });
export type PurchaseReported = z.infer<typeof PurchaseReported>;

/** `kendt.purchases.<system>.v1` */
export const purchaseMessages = { 'kendt.purchase.reported.v1': PurchaseReported } as const;

/** `kendt.connectors.<system>.v1` */
export const connectorMessages = { 'kendt.connector.status.v1': ConnectorStatus } as const;
