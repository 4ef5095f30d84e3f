import { z } from 'zod';
import { Channel, Id, Language, LawfulBasis, Slug, Time, translated } from './values.schema.js';

export const NoticeVersion = z.int().min(1).max(100_000).meta({ id: 'NoticeVersion', description: 'Which text the customer was shown.' });

export const consentStates = ['none', 'granted', 'refused', 'withdrawn', 'expired'] as const;
/** `none`: never asked, or never answered. */
export const ConsentState = z.enum(consentStates).meta({ id: 'ConsentState' });
export type ConsentState = z.infer<typeof ConsentState>;

/** One answer among several, at registration or when joining a brand. */
export const AnsweredPurpose = z
  .strictObject({ purposeId: Slug, answer: z.enum(['granted', 'refused']), noticeVersion: NoticeVersion, language: Language })
  .meta({ id: 'AnsweredPurpose', examples: [{ purposeId: 'newsletter', answer: 'granted', noticeVersion: 1, language: 'da' }] });
export type AnsweredPurpose = z.infer<typeof AnsweredPurpose>;

const ofBrand = Slug.optional().meta({ description: 'Whom the answer is for. A client answers for its own brand alone; a customer says which.' });

/**
 * `PUT /v1/customers/{id}/consents/{purpose}`. A withdrawal needs nothing but the word: GDPR 7(3), as easy to withdraw as to
 * give.
 */
export const AnswerConsent = z
  .discriminatedUnion('answer', [
    z.strictObject({ answer: z.enum(['granted', 'refused']), noticeVersion: NoticeVersion, language: Language, brandId: ofBrand }),
    z.strictObject({ answer: z.literal('withdrawn'), noticeVersion: NoticeVersion.optional(), language: Language.optional(), brandId: ofBrand }),
  ])
  .meta({ id: 'AnswerConsent', examples: [{ answer: 'granted', noticeVersion: 1, language: 'da' }, { answer: 'withdrawn' }] });
export type AnswerConsent = z.infer<typeof AnswerConsent>;

/** One text that a customer can be shown. */
export const Notice = z
  .object({ purposeId: Slug, version: NoticeVersion, language: Language, title: z.string(), text: z.string(), publishedAt: Time })
  .meta({ id: 'Notice', description: 'The exact words of one notice version in one language.' });
export type Notice = z.infer<typeof Notice>;

/** `GET /v1/purposes/{id}/notices/{version}`: the language follows `Accept-Language`. */
export const Purpose = z
  .object({
    purposeId: Slug,
    title: translated(200),
    basis: LawfulBasis,
    brandIds: z.array(Slug),
    currentNoticeVersion: NoticeVersion,
  })
  .meta({ id: 'Purpose' });
export type Purpose = z.infer<typeof Purpose>;

/** `GET /v1/purposes` */
export const Purposes = z.object({ purposes: z.array(Purpose) }).meta({ id: 'Purposes' });
export type Purposes = z.infer<typeof Purposes>;

/** `?at=`: as it stood at that moment. */
export const ConsentsQuery = z.strictObject({ at: Time.optional() });
export type ConsentsQuery = z.infer<typeof ConsentsQuery>;

export const ConsentStanding = z
  .object({
    purposeId: Slug,
    brandId: Slug.optional().meta({ description: 'Whose purpose it is.' }),
    state: ConsentState,
    noticeVersion: NoticeVersion.optional(),
    language: Language.optional(),
    channel: Channel.optional(),
    at: Time.optional().meta({ description: 'When it was last answered.' }),
    currentNoticeVersion: NoticeVersion.optional(),
  })
  .meta({ id: 'ConsentStanding' });
export type ConsentStanding = z.infer<typeof ConsentStanding>;

/** `GET /v1/customers/{id}/consents` */
export const ConsentStates = z
  .object({
    customerId: Id,
    brandId: Slug.optional().meta({ description: 'Absent: of every brand of the customer, for the customer.' }),
    at: Time.optional(),
    consents: z.array(ConsentStanding),
  })
  .meta({ id: 'ConsentStates' });
export type ConsentStates = z.infer<typeof ConsentStates>;
