import { customer } from '@kendt/domain';
import { type EventStore, readState } from '@kendt/eventsourcing';
import type { CustomerStatus } from '../tokens.js';

/** Reads the customer's own stream: a view may be behind, and nobody who is suspended or frozen must get in even then. */
export const activeInStream =
  (events: Pick<EventStore, 'read'>): CustomerStatus =>
  async (customerId) =>
    (await readState(events, customer, `customer-${customerId}`)).status === 'active';
