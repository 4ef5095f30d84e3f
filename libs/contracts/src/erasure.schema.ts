import { z } from 'zod';
import { dataGroups } from '@kendt/kernel';
import { ConnectorState } from './connector.schema.js';
import { Channel, Day, Id, Language, LawfulBasis, line, LinkToken, Period, Slug, Time } from './values.schema.js';

/** `POST /v1/erasure-cases`; a customer's own token says `me`. */
export const RequestErasure = z
  .strictObject({ customerId: Id.default('me'), language: Language.optional() })
  .meta({ id: 'RequestErasure', examples: [{ customerId: 'me' }] });
export type RequestErasure = z.infer<typeof RequestErasure>;

/** 201; what happens next is in the mail. */
export const ErasureRequested = z.object({ caseId: Id, status: z.literal('requested') }).meta({ id: 'ErasureRequested' });
export type ErasureRequested = z.infer<typeof ErasureRequested>;

/** `POST /v1/erasure-cases/{id}/confirm` */
export const ConfirmErasure = z.strictObject({ token: LinkToken }).meta({ id: 'ConfirmErasure' });
export type ConfirmErasure = z.infer<typeof ConfirmErasure>;

/** One record that a law keeps. `record` is the system's own id of it. */
export const RetainedRecord = z
  .strictObject({
    record: Id,
    what: line(100),
    law: line(200),
    basis: line(200),
    until: Day.meta({ description: 'The last day that it is kept.' }),
  })
  .meta({
    id: 'RetainedRecord',
    examples: [{ record: 'INV-2026-0001', what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', until: '2031-12-31' }],
  });
export type RetainedRecord = z.infer<typeof RetainedRecord>;

export const taskKinds = ['erase', 'erase-retained'] as const;
export const TaskKind = z.enum(taskKinds);
export const erasureOutcomes = ['erased', 'retained', 'failed', 'unknown'] as const;
/** `unknown`: the system holds nothing of this customer. */
export const ErasureOutcome = z.enum(erasureOutcomes).meta({ id: 'ErasureOutcome' });
export type ErasureOutcome = z.infer<typeof ErasureOutcome>;

/** `published`: safely on its way to the system. */
export const taskStatuses = ['issued', 'published', ...erasureOutcomes] as const;

export const ErasureTask = z
  .object({
    taskId: Id,
    systemId: Slug,
    kind: TaskKind,
    status: z.enum(taskStatuses),
    overdue: z.boolean(),
    issuedAt: Time,
    dueAt: Time,
    answeredAt: Time.optional(),
    reason: z.string().optional(),
  })
  .meta({ id: 'ErasureTask' });
export type ErasureTask = z.infer<typeof ErasureTask>;

export const CaseRetention = z
  .object({
    ...RetainedRecord.shape,
    systemId: Slug,
    ended: z.boolean().meta({ description: 'Its time has come, and the system has been told.' }),
    erasedAt: Time.optional(),
  })
  .meta({ id: 'CaseRetention', description: 'What a law has kept from this erasure.' });
export type CaseRetention = z.infer<typeof CaseRetention>;

export const DestroyedKey = z.object({ group: z.enum(dataGroups), at: Time }).meta({ id: 'DestroyedKey' });
export const erasureStatuses = ['requested', 'confirmed', 'completed', 'refused'] as const;

/** `GET /v1/erasure-cases/{id}` */
export const ErasureCase = z
  .object({
    caseId: Id,
    customerId: Id,
    status: z.enum(erasureStatuses),
    requestedAt: Time,
    channel: Channel.optional(),
    confirmedAt: Time.optional(),
    dueAt: Time.meta({ description: 'GDPR art. 12(3): one month after the request, unless extended.' }),
    completedAt: Time.optional(),
    tasks: z.array(ErasureTask),
    retained: z.array(CaseRetention),
    keysDestroyed: z.array(DestroyedKey),
  })
  .meta({ id: 'ErasureCase' });
export type ErasureCase = z.infer<typeof ErasureCase>;

export const RetentionRule = z
  .strictObject({
    law: line(200),
    basis: line(200).optional(),
    keepFor: Period,
    from: z.enum(['recorded', 'financial-year-end']),
    financialYearEnd: z
      .string()
      .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'must be MM-DD')
      .optional(),
  })
  .refine((rule) => rule.from !== 'financial-year-end' || rule.financialYearEnd !== undefined, {
    path: ['financialYearEnd'],
    message: 'is needed to count from the end of the financial year',
  })
  .meta({
    id: 'RetentionRule',
    description: 'How long a law wants a record kept, counted per record.',
    examples: [{ law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', keepFor: 'P5Y', from: 'financial-year-end', financialYearEnd: '12-31' }],
  });
export type RetentionRule = z.infer<typeof RetentionRule>;

export const DeclaredData = z
  .strictObject({ what: Slug, basis: LawfulBasis, purposeId: Slug.optional(), retention: RetentionRule.optional() })
  .meta({ id: 'DeclaredData', description: 'A kind of data that a system holds; without `retention` it goes when the customer asks.' });
export type DeclaredData = z.infer<typeof DeclaredData>;

/** `PUT /v1/systems/{id}` */
export const DeclareSystem = z
  .strictObject({ name: line(100), brandIds: z.array(Slug).min(1), holds: z.array(DeclaredData).min(1).max(100) })
  .meta({ id: 'DeclareSystem', examples: [{ name: 'CRM', brandIds: ['fjord'], holds: [{ what: 'contact', basis: 'consent' }] }] });
export type DeclareSystem = z.infer<typeof DeclareSystem>;

export const System = z.object({ systemId: Slug, name: z.string(), brandIds: z.array(Slug), holds: z.array(DeclaredData) }).meta({ id: 'System' });
export type System = z.infer<typeof System>;

/** `GET /v1/systems/{id}` */
export const SystemDetails = System.extend({
  overdueTasks: z.int().meta({ description: 'Erasure tasks that it should have answered by now.' }),
  connector: ConnectorState.optional(),
}).meta({ id: 'SystemDetails' });
export type SystemDetails = z.infer<typeof SystemDetails>;

/** `GET /v1/systems` */
export const Systems = z.object({ systems: z.array(System) }).meta({ id: 'Systems' });
export type Systems = z.infer<typeof Systems>;

export const Holding = z
  .object({
    systemId: Slug,
    record: Id,
    what: z.string(),
    basis: LawfulBasis,
    law: z.string().optional(),
    until: Day.optional(),
    reportedAt: Time,
  })
  .meta({ id: 'Holding', description: 'What one system holds of one customer, why and until when.' });
export type Holding = z.infer<typeof Holding>;

/** `GET /v1/customers/{id}/holdings` */
export const Holdings = z.object({ customerId: Id, holdings: z.array(Holding) }).meta({ id: 'Holdings' });
export type Holdings = z.infer<typeof Holdings>;
