import { z } from 'zod';
import { NoticeVersion } from './consent.schema.js';
import { Channel, Id, Language, LawfulBasis, Period, Slug, Time } from './values.schema.js';

export const consentReceiptSchemaVersion = 'ISO/IEC TS 27560:2023';

const eventTypes = ['consent_given', 'consent_refused', 'consent_withdrawn', 'consent_expired'] as const;

const ReceiptPurpose = z.object({
  purpose_id: Slug,
  purpose: z.string(),
  lawful_basis: LawfulBasis,
  pii_controllers: z.array(Slug),
  notice_version: NoticeVersion,
});

const ReceiptParty = z.object({ party_id: Slug, party_name: z.string(), party_role: z.literal('pii_controller'), party_contact: z.string().optional() });

const ReceiptEvent = z.object({
  event_time: Time,
  event_type: z.enum(eventTypes),
  event_state: z.enum(['active', 'inactive']),
  entity_id: Id,
  validity_duration: Period.optional(),
  channel: Channel,
});

/**
 * What the customer gets as proof of an answer. The fields are those of ISO/IEC TS 27560, hence the underscores; the notice's
 * version and the channel are ours.
 */
export const ConsentReceipt = z
  .object({
    receipt_metadata: z.object({ schema_version: z.literal(consentReceiptSchemaVersion), receipt_id: Id }),
    record_metadata: z.object({ schema_version: z.literal(consentReceiptSchemaVersion), record_id: Id, pii_principal_id: Id }),
    pii_processing: z.object({
      privacy_notice: z.string().meta({ description: 'Where the exact text stands.', examples: ['/v1/purposes/newsletter/notices/1'] }),
      language: Language.optional(),
      purposes: z.array(ReceiptPurpose).min(1),
    }),
    party_identification: z.array(ReceiptParty).min(1),
    events: z.array(ReceiptEvent).min(1),
  })
  .meta({ id: 'ConsentReceipt', description: 'A consent receipt with the fields of ISO/IEC TS 27560.' });
export type ConsentReceipt = z.infer<typeof ConsentReceipt>;
