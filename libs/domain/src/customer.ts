import { type Command, type Decider, type Event, Refusal, unreachable } from '@kendt/kernel';
import { confirmed, isContested, repeated } from './contested.js';
import { active, isLiving, unfrozen } from './living.js';

export interface Contact {
  readonly email?: string;
  readonly phone?: string;
  readonly name?: { readonly given: string; readonly family: string };
}

export type CustomerKind = 'full' | 'guest';
export type Language = 'da' | 'en';
/** A code and no text: whoever writes freely writes personal data, and this stays readable after an erasure. */
export type SuspensionReason = 'fraud' | 'abuse' | 'requested' | 'other';

/**
 * `emailClaim` is the keyed hash that names the claim stream of the address. `passwordChosen`: whoever has the mailbox sets a
 * password in the same append, which settles a contest.
 */
export type CustomerCommand =
  | Command<'RegisterCustomer', { kind: CustomerKind; brandId: string; language: Language; contact: Contact; emailClaim?: string }>
  | Command<'NoteRepeatedRegistration', { brandId: string }>
  | Command<'RequestEmailVerification', Record<never, never>>
  | Command<'VerifyEmail', { emailClaim: string; passwordChosen?: true }>
  | Command<'ChangeContact', { contact: Contact; emailClaim?: string; language: Language }>
  | Command<'UpgradeGuest', { contact: Contact; emailClaim: string; language: Language }>
  | Command<'JoinBrand', { brandId: string }>
  | Command<'LeaveBrand', { brandId: string }>
  | Command<'LinkExternalIdentity', { provider: string; claim: string }>
  | Command<'UnlinkExternalIdentity', { provider: string }>
  | Command<'RecordExternalReference', { systemId: string; claim: string; reference: string }>
  | Command<'SuspendCustomer', { reason: SuspensionReason }>
  | Command<'ReinstateCustomer', Record<never, never>>
  | Command<'FreezeCustomer', { caseId: string }>
  | Command<'EraseCustomer', { caseId: string }>;

export type CustomerEvent =
  | Event<'CustomerRegistered', { kind: CustomerKind; brandId: string; language: Language; emailClaim?: string; registeredAt: string }, { contact: Contact }>
  | Event<'RegistrationRepeated', { brandId: string; repeatedAt: string }>
  | Event<'EmailVerificationRequested', { emailClaim: string; requestedAt: string }>
  | Event<'EmailVerified', { emailClaim: string; verifiedAt: string }>
  | Event<'ContactDetailsChanged', { emailClaim?: string; language: Language; changedAt: string }, { contact: Contact }>
  | Event<'GuestUpgraded', { emailClaim: string; language: Language; upgradedAt: string }, { contact: Contact }>
  | Event<'BrandJoined', { brandId: string; joinedAt: string }>
  | Event<'BrandLeft', { brandId: string; leftAt: string }>
  | Event<'ExternalIdentityLinked', { provider: string; claim: string; linkedAt: string }>
  | Event<'ExternalIdentityUnlinked', { provider: string; claim: string; unlinkedAt: string }>
  | Event<'ExternalReferenceRecorded', { systemId: string; claim: string; recordedAt: string }, { contact: { reference: string } }>
  | Event<'CustomerSuspended', { reason: SuspensionReason; suspendedAt: string }>
  | Event<'CustomerReinstated', { reinstatedAt: string }>
  | Event<'CustomerFrozen', { caseId: string; frozenAt: string }>
  | Event<'CustomerErased', { caseId: string; erasedAt: string }>;

/** Someone who can still be spoken to; `claims` are the identifiers to give back at erasure. */
export interface LivingCustomer {
  readonly status: 'active' | 'suspended' | 'frozen';
  readonly kind: CustomerKind;
  readonly language: Language;
  readonly brands: readonly string[];
  readonly emailClaim?: string;
  readonly emailVerified: boolean;
  readonly identities: Readonly<Record<string, string>>;
  readonly references: Readonly<Record<string, string>>;
  readonly suspendedFor?: SuspensionReason;
  readonly caseId?: string;
  readonly repeatedAt?: string;
  /** Addresses (their claims) that somebody registered again before they were confirmed. */
  readonly contestedClaims?: readonly string[];
  /** An external identity was linked before the address was confirmed. */
  readonly identityUnproven?: true;
  readonly verificationRequestedAt?: string;
}

export type Customer = { readonly status: 'absent' } | LivingCustomer | { readonly status: 'erased'; readonly caseId: string };

const initialState: Customer = { status: 'absent' };

/** ISO 8601 down to the hour: one mail per clock hour is enough for somebody who tries the same address again and again. */
const hourOf = (at: string): string => at.slice(0, 13);
const minuteOf = (at: string): string => at.slice(0, 16);

const decide = (command: CustomerCommand, customer: Customer): readonly CustomerEvent[] => {
  switch (command.type) {
    case 'RegisterCustomer': {
      if (customer.status !== 'absent') return [];
      const { contact, ...data } = command.data;
      return [{ type: 'CustomerRegistered', data: { ...data, registeredAt: command.at }, personal: { contact } }];
    }
    case 'EraseCustomer':
      return erase(command, customer);
    case 'FreezeCustomer':
      if (customer.status === 'frozen' || customer.status === 'erased') return [];
      unfrozen(customer);
      return [{ type: 'CustomerFrozen', data: { ...command.data, frozenAt: command.at } }];
    case 'SuspendCustomer':
      if (unfrozen(customer).suspendedFor === command.data.reason) return [];
      return [{ type: 'CustomerSuspended', data: { ...command.data, suspendedAt: command.at } }];
    case 'ReinstateCustomer':
      return unfrozen(customer).status === 'suspended' ? [{ type: 'CustomerReinstated', data: { reinstatedAt: command.at } }] : [];
    default:
      return decideActive(command, whileSuspended.has(command.type) ? unfrozen(customer) : active(customer));
  }
};

type Ordinary = Exclude<CustomerCommand, { type: 'RegisterCustomer' | 'SuspendCustomer' | 'ReinstateCustomer' | 'FreezeCustomer' | 'EraseCustomer' }>;

/** Leaving takes back what a brand was allowed (GDPR 7(3)). And a contest that went unnoticed would be over at the reinstatement. */
const whileSuspended: ReadonlySet<CustomerCommand['type']> = new Set(['LeaveBrand', 'NoteRepeatedRegistration']);

const decideActive = (command: Ordinary, customer: LivingCustomer): readonly CustomerEvent[] => {
  switch (command.type) {
    case 'NoteRepeatedRegistration':
      if (customer.repeatedAt && hourOf(customer.repeatedAt) === hourOf(command.at) && repeated(customer) === customer) return [];
      return [{ type: 'RegistrationRepeated', data: { ...command.data, repeatedAt: command.at } }];
    case 'RequestEmailVerification': {
      const { emailClaim, emailVerified, verificationRequestedAt: before } = customer;
      if (!emailClaim || emailVerified || (before && minuteOf(before) === minuteOf(command.at))) return [];
      return [{ type: 'EmailVerificationRequested', data: { emailClaim, requestedAt: command.at } }];
    }
    case 'VerifyEmail':
      return verify(command, customer);
    case 'ChangeContact': {
      const { contact, ...data } = command.data;
      return [{ type: 'ContactDetailsChanged', data: { ...data, changedAt: command.at }, personal: { contact } }];
    }
    case 'UpgradeGuest': {
      if (customer.kind === 'full') throw new Refusal('CUSTOMER_NOT_GUEST', 'Only a guest can be upgraded');
      const { contact, ...data } = command.data;
      return [{ type: 'GuestUpgraded', data: { ...data, upgradedAt: command.at }, personal: { contact } }];
    }
    case 'JoinBrand':
      if (customer.brands.includes(command.data.brandId)) return [];
      return [{ type: 'BrandJoined', data: { ...command.data, joinedAt: command.at } }];
    case 'LeaveBrand':
      if (!customer.brands.includes(command.data.brandId)) return [];
      return [{ type: 'BrandLeft', data: { ...command.data, leftAt: command.at } }];
    case 'LinkExternalIdentity':
      if (customer.identities[command.data.provider] === command.data.claim) return [];
      if (customer.identities[command.data.provider]) throw new Refusal('IDENTITY_ALREADY_LINKED', 'Another identity of this provider is linked');
      return [{ type: 'ExternalIdentityLinked', data: { ...command.data, linkedAt: command.at } }];
    case 'UnlinkExternalIdentity': {
      const claim = customer.identities[command.data.provider];
      return claim ? [{ type: 'ExternalIdentityUnlinked', data: { ...command.data, claim, unlinkedAt: command.at } }] : [];
    }
    case 'RecordExternalReference': {
      const { reference, ...data } = command.data;
      if (customer.references[data.systemId] === data.claim) return [];
      return [{ type: 'ExternalReferenceRecorded', data: { ...data, recordedAt: command.at }, personal: { contact: { reference } } }];
    }
    default:
      return unreachable(command);
  }
};

/** Whoever has the mailbox decides: what others set up before them, a password or an identity elsewhere, must not outlive the contest. */
const verify = ({ at, data: { emailClaim, passwordChosen } }: Extract<CustomerCommand, { type: 'VerifyEmail' }>, customer: LivingCustomer): readonly CustomerEvent[] => {
  if (emailClaim !== customer.emailClaim) throw new Refusal('EMAIL_CHANGED_SINCE', 'The address was changed after this link was sent', 'gone');
  if (customer.emailVerified && passwordChosen) throw new Refusal('EMAIL_ALREADY_VERIFIED', 'The address is confirmed already, so its link sets no password');
  if (customer.emailVerified) return [];
  if (isContested(customer) && !passwordChosen) throw new Refusal('VERIFICATION_NEEDS_PASSWORD', 'Somebody else may have registered this address: its owner must choose a password');
  const unlinked = passwordChosen ? Object.entries(customer.identities) : [];
  return [
    ...unlinked.map(([provider, claim]) => ({ type: 'ExternalIdentityUnlinked' as const, data: { provider, claim, unlinkedAt: at } })),
    { type: 'EmailVerified', data: { emailClaim, verifiedAt: at } },
  ];
};

const erase = (command: Extract<CustomerCommand, { type: 'EraseCustomer' }>, customer: Customer): readonly CustomerEvent[] => {
  if (customer.status === 'erased') return [];
  if (customer.status !== 'frozen' || customer.caseId !== command.data.caseId)
    throw new Refusal('CUSTOMER_NOT_FROZEN', 'Only a customer frozen by this case can be erased');
  return [{ type: 'CustomerErased', data: { ...command.data, erasedAt: command.at } }];
};

const evolve = (customer: Customer, event: CustomerEvent): Customer => {
  if (event.type === 'CustomerRegistered') return registered(event.data);
  if (!isLiving(customer)) return customer;
  switch (event.type) {
    case 'RegistrationRepeated':
      return { ...repeated(customer), repeatedAt: event.data.repeatedAt };
    case 'EmailVerificationRequested':
      return { ...customer, verificationRequestedAt: event.data.requestedAt };
    case 'EmailVerified':
      return confirmed(customer);
    case 'ContactDetailsChanged':
      return withEmail({ ...customer, language: event.data.language }, event.data.emailClaim);
    case 'GuestUpgraded':
      return withEmail({ ...customer, kind: 'full', language: event.data.language }, event.data.emailClaim);
    case 'BrandJoined':
      return { ...customer, brands: [...customer.brands, event.data.brandId] };
    case 'BrandLeft':
      return { ...customer, brands: customer.brands.filter((brand) => brand !== event.data.brandId) };
    case 'ExternalIdentityLinked':
      return {
        ...customer,
        identities: { ...customer.identities, [event.data.provider]: event.data.claim },
        ...(!customer.emailVerified && { identityUnproven: true }),
      };
    case 'ExternalIdentityUnlinked': {
      const { [event.data.provider]: _, ...identities } = customer.identities;
      return { ...customer, identities };
    }
    case 'ExternalReferenceRecorded':
      return { ...customer, references: { ...customer.references, [event.data.systemId]: event.data.claim } };
    case 'CustomerSuspended':
      return { ...customer, status: 'suspended', suspendedFor: event.data.reason };
    case 'CustomerReinstated': {
      const { suspendedFor: _, ...rest } = customer;
      return { ...rest, status: 'active' };
    }
    case 'CustomerFrozen':
      return { ...customer, status: 'frozen', caseId: event.data.caseId };
    case 'CustomerErased':
      return { status: 'erased', caseId: event.data.caseId };
    default:
      event satisfies never;
      return customer;
  }
};

const registered = (data: Extract<CustomerEvent, { type: 'CustomerRegistered' }>['data']): Customer => ({
  status: 'active',
  kind: data.kind,
  language: data.language,
  brands: [data.brandId],
  ...(data.emailClaim && { emailClaim: data.emailClaim }),
  emailVerified: false,
  identities: {},
  references: {},
});

const withEmail = (customer: LivingCustomer, emailClaim: string | undefined): Customer => {
  if (emailClaim === customer.emailClaim) return customer;
  const { emailClaim: _, ...rest } = customer;
  return { ...rest, ...(emailClaim && { emailClaim }), emailVerified: false };
};

/** Every identifier that this customer holds. */
export const claimsOf = (customer: Customer): readonly string[] =>
  isLiving(customer)
    ? [...new Set([...(customer.emailClaim ? [customer.emailClaim] : []), ...Object.values(customer.identities), ...Object.values(customer.references)])]
    : [];

export const customer: Decider<CustomerCommand, CustomerEvent, Customer> = { initialState, decide, evolve };

export const customerStream = (customerId: string): string => `customer-${customerId}`;
