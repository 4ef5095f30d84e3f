import { z } from 'zod';
import { dataGroups, erased } from '@kendt/kernel';
import { Id, limit, Slug, Time } from './values.schema.js';

/** `GET /v1/audit/events`: everything of one customer, case or system, or everything since a time. */
export const AuditQuery = z.strictObject({
  customer: Id.optional(),
  case: Id.optional(),
  system: Slug.optional(),
  from: Time.optional().meta({ description: 'Not before.' }),
  at: Time.optional().meta({ description: 'As it was known then: nothing recorded later.' }),
  limit: limit(100_000, 10_000),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

export const ndjson = 'application/x-ndjson';

/** One line of the replay. Personal data is never given out: a group is `"present"`, `"erased"` once its key was destroyed, or `"missing"`: lost. */
export const AuditEvent = z
  .object({
    position: z.string(),
    stream: z.string(),
    revision: z.int().min(0),
    id: z.string(),
    type: z.string(),
    at: Time,
    actor: z.object({ kind: z.enum(['customer', 'staff', 'client', 'system']), id: z.string() }),
    channel: z.string().optional(),
    brand: z.string().optional(),
    commandId: z.string(),
    correlationId: z.string(),
    causationId: z.string(),
    schemaVersion: z.string(),
    data: z.record(z.string(), z.unknown()),
    personal: z.partialRecord(z.enum(dataGroups), z.enum(['present', erased, 'missing'])).optional(),
  })
  .meta({ id: 'AuditEvent', description: 'One stored event.' });
export type AuditEvent = z.infer<typeof AuditEvent>;

export const EvidenceKey = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string().regex(/^[\w-]{43}$/),
    kid: z.string().min(1).max(128),
    use: z.literal('sig').optional(),
    alg: z.enum(['EdDSA', 'Ed25519']).optional(),
  })
  .meta({ id: 'EvidenceKey' });
export type EvidenceKey = z.infer<typeof EvidenceKey>;

/** The public keys (RFC 7517) that certificates and checkpoints verify with. */
export const EvidenceKeys = z.object({ keys: z.array(EvidenceKey).min(1) }).meta({ id: 'EvidenceKeys' });
export type EvidenceKeys = z.infer<typeof EvidenceKeys>;
