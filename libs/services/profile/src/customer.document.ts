import {
  type Contact, customer, type Customer, type CustomerEvent, type LivingCustomer, normaliseEmail, normalisePhone,
} from '@kendt/domain';
import type { Lookup } from '@kendt/eventsourcing';
import { isErased } from '@kendt/kernel';

/** What is kept to answer questions about one customer. */
export interface CustomerDocument extends LivingCustomer {
  readonly customerId: string;
  /** Absent once its key is destroyed. */
  readonly contact?: Contact;
  readonly emailHash?: string;
  readonly phoneHash?: string;
}

/** Applies one event; nothing is left of a customer who is erased. */
export const withEvent = (customerId: string, event: CustomerEvent, lookup: Lookup, before: CustomerDocument | undefined): CustomerDocument | undefined => {
  const state: Customer = customer.evolve(before ?? customer.initialState, event);
  if (state.status === 'absent' || state.status === 'erased') return undefined;
  const contact = contactAfter(event, before?.contact);
  const { contact: _contact, emailHash: _email, phoneHash: _phone, ...rest } = state as CustomerDocument;
  return { ...rest, customerId, ...(contact && { contact }), ...hashes(contact, lookup) };
};

/** These events carry the whole of the details as they are from then on. */
export const contactAfter = (event: CustomerEvent, before: Contact | undefined): Contact | undefined => {
  if (event.type !== 'CustomerRegistered' && event.type !== 'ContactDetailsChanged' && event.type !== 'GuestUpgraded') return before;
  return isErased(event.personal.contact) ? undefined : event.personal.contact;
};

const hashes = (contact: Contact | undefined, lookup: Lookup): Pick<CustomerDocument, 'emailHash' | 'phoneHash'> => ({
  ...(contact?.email && { emailHash: lookup('email', normaliseEmail(contact.email)) }),
  ...(contact?.phone && { phoneHash: lookup('phone', normalisePhone(contact.phone)) }),
});
