import { ConsentReceipt, consentReceiptSchemaVersion } from '@kendt/contracts';
import { deterministicId } from '@kendt/eventsourcing';
import type { ListedBrand } from '@kendt/nest';
import type { Standing } from './standing.js';

const eventTypes = { granted: 'consent_given', refused: 'consent_refused', withdrawn: 'consent_withdrawn' } as const;

export interface ReceiptParts {
  readonly customerId: string;
  readonly standing: Standing;
  /** What the purpose is called, per language. */
  readonly title: Readonly<Record<string, string>>;
  readonly brand: Pick<ListedBrand, 'name' | 'contact'> | undefined;
}

/**
 * The proof of one answer, with the fields of ISO/IEC TS 27560. Its id is the event's, so asking again gives the same receipt;
 * the record is all answers to one purpose of one brand.
 */
export const receiptOf = ({ customerId, standing, title, brand }: ReceiptParts): ConsentReceipt => {
  const { brandId, purposeId, noticeVersion, language, state, eventId } = standing;
  return ConsentReceipt.parse({
    receipt_metadata: { schema_version: consentReceiptSchemaVersion, receipt_id: eventId },
    record_metadata: {
      schema_version: consentReceiptSchemaVersion,
      record_id: deterministicId('consent-record', customerId, brandId, purposeId),
      pii_principal_id: customerId,
    },
    pii_processing: {
      privacy_notice: `/v1/purposes/${purposeId}/notices/${noticeVersion}`,
      language,
      purposes: [
        { purpose_id: purposeId, purpose: title[language] ?? purposeId, lawful_basis: 'consent', pii_controllers: [brandId], notice_version: noticeVersion },
      ],
    },
    party_identification: [{ party_id: brandId, party_name: brand?.name ?? brandId, party_role: 'pii_controller', party_contact: brand?.contact }],
    events: [
      {
        event_time: standing.at,
        event_type: eventTypes[state],
        event_state: state === 'granted' ? 'active' : 'inactive',
        entity_id: customerId,
        channel: standing.channel,
      },
    ],
  });
};
