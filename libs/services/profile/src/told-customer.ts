import { type Contact, customer, type Customer, type CustomerEvent } from '@kendt/domain';
import type { Folding } from '@kendt/eventsourcing';
import { contactAfter, type CustomerDocument } from './customer.document.js';

/** What brands are told of a customer is made from this, as it is now. */
export interface ToldCustomer {
  readonly customer: Customer;
  readonly contact: Contact | undefined;
  /** Everybody who was ever told of this customer has to be told that they are gone. */
  readonly brandsEver: readonly string[];
}

export const toldCustomer: Folding<CustomerEvent, ToldCustomer> = {
  initialState: { customer: customer.initialState, contact: undefined, brandsEver: [] },
  evolve: (before, event) => {
    const after = customer.evolve(before.customer, event);
    return {
      customer: after,
      contact: after.status === 'erased' ? undefined : contactAfter(event, before.contact),
      brandsEver: isNews(event, before.brandsEver) ? [...before.brandsEver, event.data.brandId] : before.brandsEver,
    };
  },
};

type Joining = Extract<CustomerEvent, { type: 'CustomerRegistered' | 'BrandJoined' }>;

const isNews = (event: CustomerEvent, brands: readonly string[]): event is Joining =>
  (event.type === 'CustomerRegistered' || event.type === 'BrandJoined') && !brands.includes(event.data.brandId);

/** `undefined` once there is nobody to tell of. */
export const documentOf = (customerId: string, { customer: state, contact }: ToldCustomer): CustomerDocument | undefined =>
  state.status === 'absent' || state.status === 'erased' ? undefined : { ...state, customerId, ...(contact && { contact }) };
