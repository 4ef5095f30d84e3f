import { claim, claimStream, type Contact, customer, type Customer, type CustomerEvent, customerStream } from '@kendt/domain';
import { type CommandContext, type EventStore, type Folding, readState, stateOf, type StoredEvent } from '@kendt/eventsourcing';
import { isErased, Refusal } from '@kendt/kernel';
import type { Caller } from '@kendt/nest';

export type Reader = Pick<EventStore, 'read'>;

export const customerOf = (history: readonly StoredEvent[]): Customer => stateOf(customer, history);

export const readCustomer = (store: Reader, customerId: string): Promise<Customer> => readState(store, customer, customerStream(customerId));

/** For whoever needs the details too, before or in the same command: what is folded alike is read once. */
export const readKnown = (store: Reader, customerId: string): Promise<KnownCustomer> => readState(store, knownCustomer, customerStream(customerId));

export interface KnownCustomer {
  readonly customer: Customer;
  /** The details that stand now; empty once they are erased. */
  readonly contact: Contact;
}

/** The customer together with the details, for whoever needs both. */
export const knownCustomer: Folding<CustomerEvent, KnownCustomer> = {
  initialState: { customer: customer.initialState, contact: {} },
  evolve: (known, event) => ({ customer: customer.evolve(known.customer, event), contact: contactAfter(known.contact, event) }),
};

/** They are written whole each time: the last ones hold. */
const contactAfter = (before: Contact, event: CustomerEvent): Contact => {
  if (event.type !== 'CustomerRegistered' && event.type !== 'ContactDetailsChanged' && event.type !== 'GuestUpgraded') return before;
  return isErased(event.personal.contact) ? {} : event.personal.contact;
};

export const contactOf = (history: readonly StoredEvent[]): Contact => stateOf(knownCustomer, history).contact;

/** Who holds an e-mail, a loyalty number or another identifier. */
export const holderOf = async (store: Reader, claimHash: string): Promise<string | undefined> => {
  const held = await readState(store, claim, claimStream(claimHash));
  return held.status === 'held' ? held.customerId : undefined;
};

/** Whose customers the caller may see: a customer sees themselves whatever the brand, a client those of its brand. */
export const visibleBrand = (caller: Caller): string | undefined => (caller.kind === 'customer' ? undefined : caller.brand);

/** The brand that somebody registers with. */
export const brandOf = ({ brand }: Caller): string => {
  if (!brand) throw new Refusal('BRAND_MISSING', 'This client acts for no brand, so nobody can register through it', 'forbidden');
  return brand;
};

/** Where the customer was met. */
export const channelOf = ({ channel }: CommandContext): string => channel ?? 'web';
