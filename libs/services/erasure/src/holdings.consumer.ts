import { fromMessage, holdingMessages, speakerOf, topicPatterns } from '@kendt/contracts';
import { holdings, type HoldingsCommand, holdingsStream } from '@kendt/domain';
import { type Clock, type Consumer, decision, type EventStore, handle, timestamp } from '@kendt/eventsourcing';
import { messageContext } from './contexts.js';
import { customerNotFound, lastKnown } from './customers.js';
import { saidAt } from './said-at.js';

interface Deps {
  readonly store: EventStore;
  readonly clock: Clock;
}

/** What systems say that they hold. Of an erased customer too: what a law keeps is still there, and must be on the map. */
export const holdingsConsumer = ({ store, clock }: Deps): Consumer => ({
  group: 'erasure-holdings',
  topics: topicPatterns.holdings,
  atOnce: 64,
  mayCome: ['CUSTOMER_NOT_FOUND'],
  handle: async (message) => {
    const event = fromMessage(message, holdingMessages);
    const systemId = speakerOf(message, event);
    if (!(await lastKnown(store, event.subject))) throw customerNotFound();
    const { customerId, at: said, ...held } = event.data;
    const at = saidAt(said, clock);
    const command: HoldingsCommand =
      'what' in held ? { type: 'ReportHolding', at, data: { systemId, ...held } } : { type: 'EndHolding', at, data: { systemId, record: held.record } };
    await handle(store, [decision(holdings, holdingsStream(customerId), command)], messageContext(systemId, event), timestamp(clock));
  },
});
