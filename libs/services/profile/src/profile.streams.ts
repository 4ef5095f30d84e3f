import { consent, consentStream, type Consents, customer, type Customer, customerStream } from '@kendt/domain';
import { type EventStore, readState } from '@kendt/eventsourcing';

export type Reader = Pick<EventStore, 'read'>;

export const readCustomer = (store: Reader, customerId: string): Promise<Customer> => readState(store, customer, customerStream(customerId));

export const readConsents = (store: Reader, customerId: string): Promise<Consents> => readState(store, consent, consentStream(customerId));
