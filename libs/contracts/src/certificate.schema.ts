import { z } from 'zod';
import { dataGroups } from '@kendt/kernel';
import { Day, Id, Slug, Time } from './values.schema.js';

/** `typ` of the JWS header (RFC 7515 § 4.1.9), so that no other token of ours can pass as a certificate. */
export const certificateType = 'kendt-erasure-certificate+jws';
/** RFC 8037; Ed25519. */
export const certificateAlgorithm = 'EdDSA';

/** What the signature of an erasure certificate covers: what was erased where and when, what was kept, why, until when. */
export const CertificatePayload = z
  .strictObject({
    version: z.literal(1),
    issuer: z.string().max(300).meta({ description: 'The public URL of the Kendt that signs.' }),
    issuedAt: Time,
    caseId: Id,
    customerId: Id,
    controllers: z.array(Slug).meta({ description: 'The brands concerned.' }),
    requestedAt: Time,
    confirmedAt: Time,
    completedAt: Time,
    erased: z.array(z.strictObject({ where: Slug, what: z.array(z.string().max(100)), at: Time })),
    keysDestroyed: z.array(z.strictObject({ group: z.enum(dataGroups), algorithm: z.literal('AES-256-GCM'), at: Time })),
    identifiersReleased: z.int().min(0).meta({ description: 'E-mail, phone, identities, numbers: free for somebody else.' }),
    kept: z
      .array(z.strictObject({ group: z.enum(dataGroups), law: z.string().max(200), basis: z.string().max(200) }))
      .meta({ description: 'Groups of Kendt itself whose keys were not destroyed, and why.' }),
    retained: z.array(
      z.strictObject({ where: Slug, record: Id, what: z.string().max(100), law: z.string().max(200), basis: z.string().max(200), until: Day }),
    ),
    notHeld: z.array(z.strictObject({ where: Slug, at: Time })),
    unanswered: z.array(z.strictObject({ where: Slug, reason: z.string().max(500) })).meta({ description: 'Systems that failed or have not answered.' }),
  })
  .meta({ id: 'CertificatePayload' });
export type CertificatePayload = z.infer<typeof CertificatePayload>;

/** `GET /v1/erasure-cases/{id}/certificate`: the compact JWS, and what it says for those who only want to read. */
export const Certificate = z
  .object({ jws: z.string().regex(/^[\w-]+\.[\w-]+\.[\w-]+$/), payload: CertificatePayload })
  .meta({ id: 'Certificate', description: 'Verify `jws` with the evidence keys; `payload` is a convenience.' });
export type Certificate = z.infer<typeof Certificate>;
