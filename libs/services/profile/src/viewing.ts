import type { CustomerProfile } from '@kendt/contracts';
import type { Caller } from '@kendt/nest';
import { fieldsShown } from './customer-profile.js';

/** What is recorded of a look. */
export interface Viewing {
  readonly clientId: string;
  readonly staffId?: string;
  /** The channel that the client is registered for: no header can talk its way out of it. */
  readonly role: string;
  readonly reason: string;
  readonly brandId: string;
  readonly fields: readonly string[];
}

/** Channels in which nobody but the customer sees what a client reads. */
const selfService: ReadonlySet<string> = new Set(['web', 'app', 'account']);

/**
 * Is reading a customer by id a look that the customer is told of? Yes when somebody of the staff may be at the other end:
 * every channel but those in which the shop's backend reads on the customer's own behalf. Finding always is.
 */
export const isLook = (caller: Caller, role: string): boolean => caller.kind === 'client' && !selfService.has(role);

export const viewingOf = (caller: Caller, role: string, profile: CustomerProfile, why: { readonly reason: string; readonly staffId?: string | undefined }): Viewing => ({
  clientId: caller.clientId,
  ...(why.staffId && { staffId: why.staffId }),
  role,
  reason: why.reason,
  brandId: profile.brandId,
  fields: fieldsShown(profile),
});
