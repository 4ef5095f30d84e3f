import type { LivingCustomer } from './customer.js';

/**
 * Whoever came first may be a stranger who registered somebody else's address, with a password or an external identity of their
 * own (Sudhodanan and Paverd, Pre-hijacked Accounts, 2022): following the link must not confirm what they set up.
 */
export const isContested = ({ emailClaim, emailVerified, contestedClaims = [], identityUnproven }: LivingCustomer): boolean =>
  !emailVerified && (identityUnproven === true || (emailClaim !== undefined && contestedClaims.includes(emailClaim)));

/** A contest is over an address, so it is still there when an account that left the address comes back to it. */
export const repeated = (customer: LivingCustomer): LivingCustomer => {
  const { emailClaim, emailVerified, contestedClaims = [] } = customer;
  if (emailVerified || emailClaim === undefined || contestedClaims.includes(emailClaim)) return customer;
  return { ...customer, contestedClaims: [...contestedClaims, emailClaim] };
};

/** The mailbox has spoken: about this address, and about every identity that is still linked. */
export const confirmed = (customer: LivingCustomer): LivingCustomer => {
  const { contestedClaims = [], identityUnproven: _, ...rest } = customer;
  const others = contestedClaims.filter((each) => each !== customer.emailClaim);
  return { ...rest, emailVerified: true, ...(others.length > 0 && { contestedClaims: others }) };
};
