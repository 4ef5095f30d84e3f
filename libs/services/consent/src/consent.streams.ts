import { customer, type Customer, customerStream, purpose, type Purpose, purposeStream } from '@kendt/domain';
import { type EventStore, readState } from '@kendt/eventsourcing';

type Reader = Pick<EventStore, 'read'>;

export const readCustomer = (store: Reader, customerId: string): Promise<Customer> => readState(store, customer, customerStream(customerId));

export const readPurpose = (store: Reader, purposeId: string): Promise<Purpose> => readState(store, purpose, purposeStream(purposeId));
