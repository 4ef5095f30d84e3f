import { customer, customerStream, isRevoked, login, loginStream } from '@kendt/domain';
import { type EventStore, readState } from '@kendt/eventsourcing';
import type { CustomerStatus } from '../tokens.js';

/** Reads the customer's own streams: a view may be behind, and nobody who is suspended, frozen or signed out must get in even then. */
export const activeInStream =
  (events: Pick<EventStore, 'read'>): CustomerStatus =>
  async (customerId, issuedAt) => {
    const [{ status }, logins] = await Promise.all([readState(events, customer, customerStream(customerId)), readState(events, login, loginStream(customerId))]);
    return status === 'active' && !isRevoked(logins, issuedAt);
  };
