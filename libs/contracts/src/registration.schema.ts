import { z } from 'zod';
import { AnsweredPurpose } from './consent.schema.js';
import { Email, Id, Language, LinkToken, line, NewPassword, PersonName, Phone } from './values.schema.js';

const consents = z.array(AnsweredPurpose).max(50).default([]);

const full = {
  email: Email,
  name: PersonName,
  phone: Phone.optional(),
  password: NewPassword,
  language: Language,
  consents,
};

export const RegisterFullCustomer = z
  .strictObject({ kind: z.literal('full'), ...full })
  .meta({ id: 'RegisterFullCustomer', description: 'A customer with a login.' });
export type RegisterFullCustomer = z.infer<typeof RegisterFullCustomer>;

export const RegisterGuest = z
  .strictObject({
    kind: z.literal('guest'),
    email: Email.optional(),
    phone: Phone.optional(),
    name: PersonName.optional(),
    language: Language,
  })
  .meta({ id: 'RegisterGuest', description: 'A customer without a login, for one checkout. The e-mail is not claimed.' });
export type RegisterGuest = z.infer<typeof RegisterGuest>;

/** `POST /v1/customers` */
export const RegisterCustomer = z.discriminatedUnion('kind', [RegisterFullCustomer, RegisterGuest]).meta({
  id: 'RegisterCustomer',
  examples: [
    {
      kind: 'full',
      email: 'ida.holm@example.org',
      name: { given: 'Ida', family: 'Holm' },
      phone: '+4520123456',
      password: 'correct horse battery',
      language: 'da',
      consents: [{ purposeId: 'newsletter', answer: 'granted', noticeVersion: 1, language: 'da' }],
    },
    { kind: 'guest', language: 'en' },
  ],
});
export type RegisterCustomer = z.infer<typeof RegisterCustomer>;

/** 202, the same for a new and a known e-mail: the answer must not tell who is a customer. */
export const RegistrationAccepted = z
  .object({ status: z.literal('confirmation-sent') })
  .meta({ id: 'RegistrationAccepted', description: 'A mail is on its way. Says nothing about whether the address was known.' });
export type RegistrationAccepted = z.infer<typeof RegistrationAccepted>;

/** 201 */
export const GuestRegistered = z.object({ customerId: Id }).meta({ id: 'GuestRegistered' });
export type GuestRegistered = z.infer<typeof GuestRegistered>;

/** `POST /v1/customers/{id}/upgrade`: guest → full, the same id. Answers with {@link RegistrationAccepted}. */
export const UpgradeGuest = z.strictObject(full).meta({ id: 'UpgradeGuest', description: 'A guest becomes a customer with a login and keeps the id.' });
export type UpgradeGuest = z.infer<typeof UpgradeGuest>;

/** `PATCH /v1/customers/{id}/contact`: a field that is missing stays; a phone of `null` is removed. */
export const ChangeContact = z
  .strictObject({
    email: Email.optional(),
    name: PersonName.optional(),
    phone: Phone.nullable().optional(),
    language: Language.optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'must change something')
  .meta({ id: 'ChangeContact', examples: [{ phone: '+4520123457' }] });
export type ChangeContact = z.infer<typeof ChangeContact>;

/** `PUT /v1/customers/{id}/brands/{brand}` */
export const JoinBrand = z.strictObject({ consents }).meta({ id: 'JoinBrand', description: 'The customer becomes a customer of this brand too.' });
export type JoinBrand = z.infer<typeof JoinBrand>;

/** `PUT /v1/customers/{id}/suspension`; a code and no text, because text would hold personal data for ever. */
export const SuspendCustomer = z
  .strictObject({ reason: z.enum(['fraud', 'abuse', 'requested', 'other']) })
  .meta({ id: 'SuspendCustomer', description: 'Nobody can sign in as this customer, at any brand, until the reinstatement.', examples: [{ reason: 'fraud' }] });
export type SuspendCustomer = z.infer<typeof SuspendCustomer>;

/** `PUT /v1/customers/{id}/references/{system}`; `loyalty` is the system of loyalty numbers. */
export const RecordReference = z
  .strictObject({ reference: line(128) })
  .meta({ id: 'RecordReference', description: 'The id of this customer in another system.', examples: [{ reference: 'L-20114' }] });
export type RecordReference = z.infer<typeof RecordReference>;

/** The form behind the link of the confirmation mail. */
export const VerifyEmail = z.strictObject({ token: LinkToken }).meta({ id: 'VerifyEmail' });
export type VerifyEmail = z.infer<typeof VerifyEmail>;
