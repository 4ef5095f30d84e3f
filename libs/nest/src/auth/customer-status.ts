import { fold } from '@kendt/kernel';
import { customer, type CustomerEvent } from '@kendt/domain';
import { type EventStore, readAll } from '@kendt/eventsourcing';
import type { CustomerStatus } from '../tokens.js';

/** Reads the customer's own stream: a view may be behind, and a frozen customer must not get in even then. */
export const activeInStream =
  (events: Pick<EventStore, 'read'>): CustomerStatus =>
  async (customerId) =>
    fold(customer, (await readAll(events, `customer-${customerId}`)) as unknown as CustomerEvent[]).status === 'active';
