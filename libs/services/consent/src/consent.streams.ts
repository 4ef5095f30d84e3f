import { fold } from '@kendt/kernel';
import { customer, type Customer, type CustomerEvent, customerStream, purpose, type Purpose, type PurposeEvent, purposeStream } from '@kendt/domain';
import { type Decision, type EventStore, readAll, type StoredEvent } from '@kendt/eventsourcing';

type Reader = Pick<EventStore, 'read'>;

const foldCustomer = (history: readonly StoredEvent[]): Customer => fold(customer, history as unknown as readonly CustomerEvent[]);

export const readCustomer = async (store: Reader, customerId: string): Promise<Customer> => foldCustomer(await readAll(store, customerStream(customerId)));

export const readPurpose = async (store: Reader, purposeId: string): Promise<Purpose> =>
  fold(purpose, (await readAll(store, purposeStream(purposeId))) as unknown as readonly PurposeEvent[]);

/** Decides nothing: refuses the whole command when the customer is not as `check` wants. */
export const provided = (customerId: string, check: (state: Customer) => unknown): Decision => ({
  stream: customerStream(customerId),
  decide: (history) => (check(foldCustomer(history)), []),
});
