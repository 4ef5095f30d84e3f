import { type Contact, customer, type Customer, type CustomerEvent, customerStream, isLiving, type LivingCustomer } from '@kendt/domain';
import { type EventStore, type Folding, readAll, readState, type StoredEvent } from '@kendt/eventsourcing';
import { fold, isErased, Refusal } from '@kendt/kernel';

type Reader = Pick<EventStore, 'read'>;

const readCustomer = async (store: Reader, customerId: string): Promise<readonly CustomerEvent[]> =>
  (await readAll(store, customerStream(customerId))) as readonly StoredEvent[] as unknown as readonly CustomerEvent[];

export const customerState = async (store: Reader, customerId: string): Promise<Customer> => (await readState(store, reachable, customerStream(customerId))).state;

/** The same for what does not exist, what was erased and what another brand has: nothing can be learnt from it. */
export const customerNotFound = (): Refusal => new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');

/** @throws Refusal CUSTOMER_NOT_FOUND */
export const visibleCustomer = async (store: Reader, customerId: string, brand: string | undefined): Promise<LivingCustomer> => {
  const state = await customerState(store, customerId);
  if (!isLiving(state) || (brand && !state.brands.includes(brand))) throw customerNotFound();
  return state;
};

/** The customer as last known, also once erased; undefined when there never was one. */
export const lastKnown = async (store: Reader, customerId: string): Promise<LivingCustomer | undefined> => {
  const events = await readCustomer(store, customerId);
  const state = fold(customer, events.filter(({ type }) => type !== 'CustomerErased'));
  return isLiving(state) ? state : undefined;
};

interface Addressee {
  readonly email: string;
  readonly language: LivingCustomer['language'];
}

/** Where a mail to this customer goes; undefined when there is no address, or no longer. */
export const addressee = async (store: Reader, customerId: string): Promise<Addressee | undefined> => {
  const { state, email } = await readState(store, reachable, customerStream(customerId));
  return email && isLiving(state) ? { email, language: state.language } : undefined;
};

/** The contact details are written whole each time: the last ones hold. */
const reachable: Folding<CustomerEvent, { readonly state: Customer; readonly email: string | undefined }> = {
  initialState: { state: customer.initialState, email: undefined },
  evolve: ({ state, email }, event) => ({ state: customer.evolve(state, event), email: emailAfter(email, event) }),
};

const emailAfter = (before: string | undefined, event: CustomerEvent): string | undefined => {
  if (event.type !== 'CustomerRegistered' && event.type !== 'ContactDetailsChanged' && event.type !== 'GuestUpgraded') return before;
  const contact: Contact | 'erased' = event.personal.contact;
  return isErased(contact) ? undefined : contact.email;
};
