import { fold } from '@kendt/kernel';
import {
  consent, type ConsentEvent, consentStream, type Consents, customer, type Customer, type CustomerEvent, customerStream,
} from '@kendt/domain';
import { type Decision, type EventStore, readAll, type StoredEvent } from '@kendt/eventsourcing';

export type Reader = Pick<EventStore, 'read'>;

export const foldCustomer = (history: readonly StoredEvent[]): Customer => fold(customer, history as unknown as readonly CustomerEvent[]);

export const readCustomer = async (store: Reader, customerId: string): Promise<Customer> => foldCustomer(await readAll(store, customerStream(customerId)));

export const readConsents = async (store: Reader, customerId: string): Promise<Consents> =>
  fold(consent, (await readAll(store, consentStream(customerId))) as unknown as readonly ConsentEvent[]);

/** Decides nothing: refuses the whole command when the customer is not as `check` wants. */
export const provided = (customerId: string, check: (state: Customer) => unknown): Decision => ({
  stream: customerStream(customerId),
  decide: (history) => (check(foldCustomer(history)), []),
});
