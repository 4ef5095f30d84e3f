import { z } from 'zod';
import { ConsentState, NoticeVersion } from './consent.schema.js';
import { Channel, Currency, Cursor, Email, Id, Language, limit, line, MinorUnits, PersonName, Phone, Slug, Time } from './values.schema.js';

export const ProfileConsent = z
  .object({ purposeId: Slug, state: ConsentState, noticeVersion: NoticeVersion.optional(), at: Time.optional() })
  .meta({ id: 'ProfileConsent' });
export type ProfileConsent = z.infer<typeof ProfileConsent>;

/** As {@link PersonName}, but open: whoever reads profiles today takes a name that will have more parts. */
export const ProfileName = z.object(PersonName.shape).meta({ id: 'ProfileName', examples: [{ given: 'Ida', family: 'Holm' }] });

/** The customer as one brand may see it: `GET /v1/customers/{id}`, `POST /v1/customers/find`, and the profile topics. */
export const CustomerProfile = z
  .object({
    customerId: Id,
    brandId: Slug,
    kind: z.enum(['full', 'guest']),
    email: Email.optional(),
    emailVerified: z.boolean(),
    name: ProfileName.optional(),
    phone: Phone.optional(),
    language: Language,
    suspended: z.literal(true).optional().meta({ description: 'Nobody can sign in as this customer, at any brand. Absent otherwise.' }),
    consents: z.array(ProfileConsent),
  })
  .meta({ id: 'CustomerProfile', description: 'The customer as this brand may see it.' });
export type CustomerProfile = z.infer<typeof CustomerProfile>;

/** `POST /v1/customers/find`: by exactly one of the four. The look-up is recorded and shown to the customer. */
export const FindCustomer = z
  .strictObject({
    email: Email.optional(),
    phone: Phone.optional(),
    loyaltyNumber: line(128).optional(),
    orderNumber: line(64).optional(),
    reason: Slug.meta({ description: 'Why: `till`, `support`, ... The customer will read it.' }),
    staffId: line(64).optional(),
  })
  .refine(
    ({ email, phone, loyaltyNumber, orderNumber }) => [email, phone, loyaltyNumber, orderNumber].filter((value) => value !== undefined).length === 1,
    'must have exactly one of email, phone, loyaltyNumber, orderNumber',
  )
  .meta({ id: 'FindCustomer', examples: [{ email: 'ida.holm@example.org', reason: 'till', staffId: 'till-7' }] });
export type FindCustomer = z.infer<typeof FindCustomer>;

export const PurchaseLine = z
  .strictObject({ sku: line(64), name: line(200), quantity: z.int().min(1).max(100_000), price: MinorUnits })
  .meta({ id: 'PurchaseLine', description: '`price` is of one piece, in minor units.' });
export type PurchaseLine = z.infer<typeof PurchaseLine>;

export const purchaseFields = {
  purchaseId: Id,
  orderNumber: line(64),
  purchasedAt: Time,
  currency: Currency,
  total: MinorUnits,
  lines: z.array(PurchaseLine).min(1).max(200),
  channel: Channel,
};

/** `POST /v1/purchases`: the brand is the caller's own. */
export const RecordPurchase = z
  .strictObject({ customerId: Id, ...purchaseFields })
  .meta({ id: 'RecordPurchase', description: 'A purchase, for shops that do not publish to a topic.' });
export type RecordPurchase = z.infer<typeof RecordPurchase>;

/** 202 */
export const PurchaseAccepted = z.object({ purchaseId: Id }).meta({ id: 'PurchaseAccepted' });
export type PurchaseAccepted = z.infer<typeof PurchaseAccepted>;

/** `GET /v1/customers/{id}/purchases?purpose=` */
export const PurchaseHistoryQuery = z.strictObject({ purpose: Slug, limit: limit(500, 100), cursor: Cursor.optional() });
export type PurchaseHistoryQuery = z.infer<typeof PurchaseHistoryQuery>;

export const Purchase = z.object({ ...purchaseFields, brandId: Slug, reportedBy: Slug }).meta({ id: 'Purchase' });
export type Purchase = z.infer<typeof Purchase>;

/** Given out only while a consent for `purposeId` stands. The newest first. */
export const PurchaseHistory = z
  .object({ customerId: Id, purposeId: Slug, purchases: z.array(Purchase) })
  .meta({ id: 'PurchaseHistory' });
export type PurchaseHistory = z.infer<typeof PurchaseHistory>;

export const Access = z
  .object({
    at: Time,
    clientId: Slug,
    staffId: z.string().optional(),
    role: z.string(),
    brandId: Slug.optional().meta({ description: 'Absent: on behalf of the group.' }),
    reason: z.string(),
    fields: z.array(z.string()),
  })
  .meta({ id: 'Access', description: 'Somebody looked at the customer: who, when, why, at which fields.' });
export type Access = z.infer<typeof Access>;

export const AccessesQuery = z.strictObject({ limit: limit(500, 100), cursor: Cursor.optional() });
export type AccessesQuery = z.infer<typeof AccessesQuery>;

/** `GET /v1/customers/{id}/accesses`, the newest first. */
export const Accesses = z.object({ customerId: Id, accesses: z.array(Access) }).meta({ id: 'Accesses' });
export type Accesses = z.infer<typeof Accesses>;
