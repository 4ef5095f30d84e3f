import { createHash } from 'node:crypto';
import { erasureReceiptMessages, ErasureReceipt, type ErasureTaskIssued, type Message, type RetainedRecord, toMessage, topics } from '@kendt/contracts';

export type ErasureAnswer =
  | { readonly outcome: 'erased' }
  | { readonly outcome: 'retained'; readonly retained: readonly RetainedRecord[] }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'unknown' };

/** Everything of this customer is gone here. */
export const erased = (): ErasureAnswer => ({ outcome: 'erased' });

/** A law keeps these records, each until a day; everything else is gone here. */
export const retained = (records: readonly RetainedRecord[]): ErasureAnswer => ({ outcome: 'retained', retained: records });

/** It could not be done. The reason is read by people and kept: it must not name the customer. */
export const failed = (reason: string): ErasureAnswer => ({ outcome: 'failed', reason });

/** This system holds nothing of this customer. */
export const notHeld = (): ErasureAnswer => ({ outcome: 'unknown' });

/** The same parts give the same id. */
export const stableId = (...parts: readonly string[]): string => createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 40);

const [receiptType] = Object.keys(erasureReceiptMessages) as [keyof typeof erasureReceiptMessages];

/**
 * The receipt of a task. The same answer to the same task has the same id, so that answering twice is harmless; another answer
 * (failed at first, erased on the next try) has another.
 */
export const toReceipt = (system: string, task: ErasureTaskIssued, answer: ErasureAnswer, at: string): Message => {
  const { taskId, caseId, customerId } = task;
  const data = ErasureReceipt.parse({ taskId, caseId, customerId, at, ...answer });
  return toMessage({
    topic: topics.erasureReceipts(system),
    key: customerId,
    type: receiptType,
    source: `urn:kendt:system:${system}`,
    id: stableId('receipt', system, taskId, JSON.stringify(answer)),
    time: at,
    data,
  });
};
