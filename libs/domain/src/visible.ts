import { Refusal } from '@kendt/kernel';
import type { Customer, LivingCustomer } from './customer.js';
import { active, isLiving, unfrozen } from './living.js';

/**
 * The customer, for somebody who acts for this brand, or without a brand for the whole group. Unknown, another brand's and
 * erased are refused in the same words: nobody learns which of them it was.
 */
export const visibleTo = (customer: Customer, brandId: string | undefined): LivingCustomer => {
  if (!isLiving(customer) || (brandId !== undefined && !customer.brands.includes(brandId))) throw new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');
  return customer;
};

/** The same for who wants to change something: once an erasure has begun, nothing new is taken in. */
export const unfrozenFor = (customer: Customer, brandId: string | undefined): LivingCustomer => unfrozen(visibleTo(customer, brandId));

/** The same for what somebody who is suspended does not get either. */
export const activeFor = (customer: Customer, brandId: string | undefined): LivingCustomer => active(visibleTo(customer, brandId));
