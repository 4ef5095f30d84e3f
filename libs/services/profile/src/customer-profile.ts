import { CustomerProfile, type ProfileConsent } from '@kendt/contracts';
import { type ConsentEvent, consentKey } from '@kendt/domain';
import type { Folding } from '@kendt/eventsourcing';
import { fold, Refusal } from '@kendt/kernel';
import type { CustomerDocument } from './customer.document.js';

/** The customer as one brand may see it: nothing says which other brands there are. */
export const profileOf = (document: CustomerDocument, brandId: string, consents: readonly ProfileConsent[]): CustomerProfile => {
  const { customerId, kind, emailVerified, language, contact, status } = document;
  return CustomerProfile.parse({ customerId, brandId, kind, emailVerified, language, ...(status === 'suspended' && { suspended: true }), consents, ...contact });
};

interface BrandsConsent {
  readonly brandId: string;
  readonly consent: ProfileConsent;
}

/** How each purpose of each brand was last answered, by `consentKey`. */
export const lastAnswers: Folding<ConsentEvent, ReadonlyMap<string, BrandsConsent>> = {
  initialState: new Map(),
  evolve: (before, event) => {
    const { brandId, purposeId } = event.data;
    const key = consentKey(brandId, purposeId);
    const consent = answerOf(event, before.get(key)?.consent);
    return consent ? new Map(before).set(key, { brandId, consent }) : before;
  },
};

/** How this brand's purposes were last answered; a purpose that is not here was never answered. */
export const consentsOfBrand = (brandId: string, answers: ReadonlyMap<string, BrandsConsent>): ProfileConsent[] =>
  [...answers.values()].flatMap((each) => (each.brandId === brandId ? [each.consent] : []));

export const consentsTowards = (brandId: string, events: readonly ConsentEvent[]): ProfileConsent[] => consentsOfBrand(brandId, fold(lastAnswers, events));

const answerOf = (event: ConsentEvent, before: ProfileConsent | undefined): ProfileConsent | undefined => {
  switch (event.type) {
    case 'ConsentGranted':
      return { ...answered(event.data), state: 'granted', at: event.data.grantedAt };
    case 'ConsentRefused':
      return { ...answered(event.data), state: 'refused', at: event.data.refusedAt };
    case 'ConsentWithdrawn':
      return before && { ...before, state: 'withdrawn', at: event.data.withdrawnAt };
    default:
      event satisfies never; // from a later version
      return undefined;
  }
};

const answered = ({ purposeId, noticeVersion }: { readonly purposeId: string; readonly noticeVersion: number }) => ({ purposeId, noticeVersion });

/** What of the customer an answer gives away. */
export const fieldsShown = (profile: CustomerProfile): string[] =>
  (['kind', 'email', 'emailVerified', 'name', 'phone', 'language', 'suspended', 'consents'] as const).filter((field) => profile[field] !== undefined);

/**
 * A guest's details are nobody's alone. A full customer holds the claim on theirs and goes before guests; where several are
 * left none is given out, because it might be the wrong person.
 */
export const theOne = (found: readonly CustomerDocument[]): CustomerDocument => {
  const full = found.filter(({ kind }) => kind === 'full');
  const [one, another] = full.length > 0 ? full : found;
  if (!one) throw new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');
  if (another) throw new Refusal('CUSTOMER_AMBIGUOUS', 'Several customers have this in common; ask for something else');
  return one;
};
