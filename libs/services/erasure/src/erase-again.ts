import { randomUUID } from 'node:crypto';
import { customer, customerStream, erasure, erasureStream, login, loginStream } from '@kendt/domain';
import { decision, deterministicId, type EventStore, handle, readState } from '@kendt/eventsourcing';
import { oneMonthAfter } from './deadlines.js';

/** `begun`: now. `going-on`: it was confirmed before the backup, and the workflow ends it by itself. */
export type ErasedAgain = 'begun' | 'going-on' | 'nobody';

/**
 * After a restore: the log knows a customer as living whose keys were destroyed since. They were erased, so they are again,
 * on the ordinary way from the confirmation on: frozen here, tasks to every system, claims given back, a certificate. A
 * case of its own, asked for and confirmed by the restore, so that the record tells what happened; no mail goes out,
 * because there is no address any more.
 */
export const eraseAgain = async (store: EventStore, customerId: string, at: string): Promise<ErasedAgain> => {
  const { status } = await readState(store, customer, customerStream(customerId));
  if (status === 'absent' || status === 'erased') return 'nobody';
  if (status === 'frozen') return 'going-on';
  const caseId = randomUUID();
  const decisions = [
    decision(
      erasure, erasureStream(caseId),
      { type: 'RequestErasure', at, data: { customerId, channel: 'restore', dueAt: oneMonthAfter(at) } },
      { type: 'ConfirmRequester', at, data: {} },
    ),
    decision(customer, customerStream(customerId), { type: 'FreezeCustomer', at, data: { caseId } }),
    decision(login, loginStream(customerId), { type: 'RevokeSessions', at, data: { reason: 'erasure' } }),
  ];
  await handle(store, decisions, { commandId: deterministicId('restore', caseId), actor: { kind: 'system', id: 'restore' }, channel: 'restore' }, at);
  return 'begun';
};
