import { z } from 'zod';
import { NoticeVersion } from './consent.schema.js';
import { CustomerProfile } from './profile.schema.js';
import { TaskKind } from './erasure.schema.js';
import { Channel, Id, Language, Slug, Time } from './values.schema.js';

/*
 * What Kendt tells others. A reader ignores fields that it does not know, so fields can be added; nothing is ever renamed or
 * taken away within a version. Everything but the profile is ids only.
 */

const customer = { customerId: Id, at: Time };

export const CustomerRegistered = z.object({ ...customer, brandId: Slug, channel: Channel.optional(), kind: z.enum(['full', 'guest']) }).meta({ id: 'CustomerRegistered' });
export const CustomerVerified = z.object({ ...customer, what: z.enum(['email', 'phone']) }).meta({ id: 'CustomerVerified' });
export const CustomerChanged = z.object(customer).meta({ id: 'CustomerChanged', description: 'Contact details are others now; the profile topics say which.' });
export const CustomerUpgraded = z.object(customer).meta({ id: 'CustomerUpgraded', description: 'A guest has become a full customer.' });
export const CustomerBrandJoined = z.object({ ...customer, brandId: Slug }).meta({ id: 'CustomerBrandJoined' });
export const CustomerBrandLeft = z.object({ ...customer, brandId: Slug }).meta({ id: 'CustomerBrandLeft' });
export const CustomerSuspended = z.object(customer).meta({ id: 'CustomerSuspended', description: 'Nobody can sign in as this customer; why is the brand’s own business.' });
export const CustomerReinstated = z.object(customer).meta({ id: 'CustomerReinstated', description: 'The suspension is over.' });
export const CustomerFrozen = z.object({ ...customer, caseId: Id.optional() }).meta({ id: 'CustomerFrozen', description: 'An erasure has begun.' });
export const CustomerErased = z.object({ ...customer, caseId: Id.optional() }).meta({ id: 'CustomerErased', description: 'Always the last.' });

/** `kendt.customers.v1` */
export const customerMessages = {
  'kendt.customer.registered.v1': CustomerRegistered,
  'kendt.customer.verified.v1': CustomerVerified,
  'kendt.customer.changed.v1': CustomerChanged,
  'kendt.customer.upgraded.v1': CustomerUpgraded,
  'kendt.customer.brand-joined.v1': CustomerBrandJoined,
  'kendt.customer.brand-left.v1': CustomerBrandLeft,
  'kendt.customer.suspended.v1': CustomerSuspended,
  'kendt.customer.reinstated.v1': CustomerReinstated,
  'kendt.customer.frozen.v1': CustomerFrozen,
  'kendt.customer.erased.v1': CustomerErased,
} as const;

export const ConsentChanged = z
  .object({
    ...customer,
    brandId: Slug,
    purposeId: Slug,
    noticeVersion: NoticeVersion.optional(),
    language: Language.optional(),
    channel: Channel.optional(),
  })
  .meta({ id: 'ConsentChanged' });
export type ConsentChanged = z.infer<typeof ConsentChanged>;

/** `kendt.consents.v1`; all four carry the same data. */
export const consentMessages = {
  'kendt.consent.granted.v1': ConsentChanged,
  'kendt.consent.refused.v1': ConsentChanged,
  'kendt.consent.withdrawn.v1': ConsentChanged,
  'kendt.consent.expired.v1': ConsentChanged,
} as const;

/** `kendt.profiles.<brand>.v1`: compacted; a tombstone when the customer is erased or has left the brand. */
export const profileMessages = { 'kendt.profile.changed.v1': CustomerProfile } as const;

export const ErasureTaskIssued = z
  .object({
    taskId: Id,
    caseId: Id,
    customerId: Id,
    systemId: Slug,
    /** `erase-retained`: the time of the records named has come. */
    kind: TaskKind,
    issuedAt: Time,
    dueAt: Time,
    records: z.array(Id).max(1000).optional(),
  })
  .meta({ id: 'ErasureTaskIssued', description: 'This system is to erase what it holds of this customer.' });
export type ErasureTaskIssued = z.infer<typeof ErasureTaskIssued>;

/** `kendt.erasure-tasks.v1` */
export const erasureTaskMessages = { 'kendt.erasure.task-issued.v1': ErasureTaskIssued } as const;
