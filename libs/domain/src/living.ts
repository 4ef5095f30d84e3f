import { Refusal } from '@kendt/kernel';
import type { Customer, LivingCustomer } from './customer.js';

export const isLiving = (customer: Customer): customer is LivingCustomer => customer.status !== 'absent' && customer.status !== 'erased';

/** Once an erasure has begun nothing happens to the customer but that. */
export const unfrozen = (customer: Customer): LivingCustomer => {
  if (!isLiving(customer)) throw new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');
  if (customer.status === 'frozen') throw new Refusal('CUSTOMER_FROZEN', 'An erasure of this customer has begun', 'gone');
  return customer;
};

/** Whoever is suspended keeps what they have and gets nothing new. What is a right of theirs asks for {@link unfrozen} instead. */
export const active = (customer: Customer): LivingCustomer => {
  const found = unfrozen(customer);
  if (found.status === 'suspended') throw new Refusal('CUSTOMER_SUSPENDED', 'This customer is suspended');
  return found;
};
