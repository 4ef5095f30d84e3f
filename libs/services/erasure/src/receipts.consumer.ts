import { type ErasureReceipt, erasureReceiptMessages, fromMessage, speakerOf, topicPatterns } from '@kendt/contracts';
import {
  erasure, erasureStream, type Holding, holdings, type Holdings, type HoldingsCommand, holdingsStream, type OpenErasure,
} from '@kendt/domain';
import { type Clock, type Consumer, type Decision, decision, type EventStore, handle, readState, timestamp } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { messageContext } from './contexts.js';
import { saidAt } from './said-at.js';

interface Deps {
  readonly store: EventStore;
  readonly clock: Clock;
}

/** What systems answer. Who speaks is told by the topic; a task of another system is refused and goes to the dead letters. */
export const receiptsConsumer = ({ store, clock }: Deps): Consumer => ({
  group: 'erasure-receipts',
  topics: topicPatterns.erasureReceipts,
  handle: async (message) => {
    const event = fromMessage(message, erasureReceiptMessages);
    const systemId = speakerOf(message, event);
    const at = timestamp(clock);
    const task = await taskOf(store, event.data);
    const answer = decision(erasure, erasureStream(event.data.caseId), { type: 'AnswerTask', at, data: answerOf(event.data, systemId) });
    // A late repetition changes nothing, so it must not touch what is held either.
    const decisions = task && isOpen(task) ? [answer, await holdingsAfter(store, event.data, task, saidAt(event.data.at, clock))] : [answer];
    await handle(store, decisions, messageContext(systemId, event), at);
  },
});

type Task = OpenErasure['tasks'][string];

const isOpen = ({ status }: Task): boolean => status === 'issued' || status === 'published' || status === 'failed';

const taskOf = async (store: EventStore, { caseId, taskId, customerId }: ErasureReceipt): Promise<Task | undefined> => {
  const state = await readState(store, erasure, erasureStream(caseId));
  if (state.status === 'absent') throw new Refusal('ERASURE_NOT_FOUND', 'No such erasure case', 'not-found');
  if (state.customerId !== customerId) throw new Refusal('CASE_OF_ANOTHER_CUSTOMER', 'This case is of another customer', 'forbidden');
  return state.tasks[taskId];
};

const answerOf = (receipt: ErasureReceipt, systemId: string) => ({
  taskId: receipt.taskId,
  systemId,
  outcome: receipt.outcome,
  retained: receipt.outcome === 'retained' ? receipt.retained : [],
  ...(receipt.outcome === 'failed' && { reason: receipt.reason }),
});

/** The map of what is held follows the answer: only what a law keeps is still there. */
const holdingsAfter = async (store: EventStore, receipt: ErasureReceipt, task: Task, at: string): Promise<Decision> => {
  const stream = holdingsStream(receipt.customerId);
  const before = await readState(store, holdings, stream);
  return decision(holdings, stream, ...(receipt.outcome === 'failed' ? [] : changes(before, receipt, task, at)));
};

/** A first task is about everything that the system holds, a second one about the records that it names. */
const changes = (before: Holdings, receipt: ErasureReceipt, { systemId, kind, records = [] }: Task, at: string): HoldingsCommand[] => {
  const kept = receipt.outcome === 'retained' ? receipt.retained : [];
  const asked = Object.values(before.held).filter((held) => held.systemId === systemId && (kind === 'erase' || records.includes(held.record)));
  const gone = asked.filter((held) => !kept.some(({ record }) => record === held.record));
  return [
    ...gone.map(({ record }): HoldingsCommand => ({ type: 'EndHolding', at, data: { systemId, record } })),
    ...kept.map((record): HoldingsCommand => ({ type: 'ReportHolding', at, data: heldByLaw(systemId, record) })),
  ];
};

const heldByLaw = (systemId: string, { record, what, law, until }: { record: string; what: string; law: string; until: string }): Holding => ({
  systemId, record, what, basis: 'legal-obligation', law, until,
});
