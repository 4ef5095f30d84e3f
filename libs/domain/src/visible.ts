import { Refusal } from '@kendt/kernel';
import type { Customer, LivingCustomer } from './customer.js';

/**
 * The customer, for somebody who acts for this brand, or without a brand for the whole group. Unknown, another brand's and
 * erased are refused in the same words: nobody learns which of them it was.
 */
export const visibleTo = (customer: Customer, brandId: string | undefined): LivingCustomer => {
  const alive = customer.status === 'active' || customer.status === 'frozen';
  if (!alive || (brandId !== undefined && !customer.brands.includes(brandId))) throw new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');
  return customer;
};

/** The same for who wants to add something: once an erasure has begun, nothing new is taken in. */
export const activeFor = (customer: Customer, brandId: string | undefined): LivingCustomer => {
  const found = visibleTo(customer, brandId);
  if (found.status === 'frozen') throw new Refusal('CUSTOMER_FROZEN', 'An erasure of this customer has begun', 'gone');
  return found;
};
