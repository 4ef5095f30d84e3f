import { z } from 'zod';
import { AnswerConsent } from './consent.schema.js';
import type { ConsentStanding, ConsentStates } from './consent.schema.js';
import type { ErasureCase, ErasureTask } from './erasure.schema.js';
import { RequestErasure } from './erasure.schema.js';
import type { ConsentChanged } from './outbound.messages.js';
import type { CustomerProfile } from './profile.schema.js';
import { FindCustomer } from './profile.schema.js';
import { fieldsOf, fromProto, listOf, toProtoEnum, withEnums, withoutZero } from './proto-value.js';
import { RegisterCustomer, UpgradeGuest } from './registration.schema.js';
import { Id, Slug, Time } from './values.schema.js';

/*
 * Requests: what proto-loader hands out → the same types as over REST, refused with the same words. Answers: the same types →
 * what proto-loader takes.
 */

type Fields = Record<string, unknown>;

const language = { language: 'LANGUAGE' };
const customerFields = (message: unknown): Fields => {
  const customer = withEnums(fieldsOf(message), language);
  if (!('consents' in customer)) return customer;
  return { ...customer, consents: listOf(customer['consents']).map((answer) => withEnums(answer, { ...language, answer: 'ANSWER' })) };
};

export const RegisterRequest = fromProto(RegisterCustomer, (message) => {
  const kind = message['full'] === undefined ? 'guest' : 'full';
  return message[kind] === undefined ? {} : { kind, ...customerFields(message[kind]) };
});

export const UpgradeRequest = fromProto(z.strictObject({ customerId: Id, full: UpgradeGuest }), (message) => ({
  ...message,
  full: customerFields(message['full']),
}));

export const GetProfileRequest = fromProto(z.strictObject({ customerId: Id }));

/** `by` is what the loader adds to say which of the identifiers it is. */
export const FindRequest = fromProto(FindCustomer, ({ by: _, ...message }) => message);

export const GetConsentsRequest = fromProto(z.strictObject({ customerId: Id, at: Time.optional() }));

export const SetConsentRequest = fromProto(
  z.strictObject({ customerId: Id, purposeId: Slug, answer: AnswerConsent }),
  ({ customerId, purposeId, ...answer }) => ({
    customerId,
    purposeId,
    answer: withoutZero(withEnums(answer, { ...language, answer: 'ANSWER' }), 'noticeVersion'),
  }),
);

export const WatchConsentsRequest = fromProto(z.strictObject({ purposeIds: z.array(Slug).max(50).default([]), customerId: Id.optional() }));

export const RequestErasureRequest = fromProto(RequestErasure, (message) => withEnums(message, language));
export const GetErasureRequest = fromProto(z.strictObject({ caseId: Id }));

export const toProtoProfile = (profile: CustomerProfile): Fields => ({
  ...profile,
  kind: toProtoEnum('CUSTOMER_KIND', profile.kind),
  language: toProtoEnum('LANGUAGE', profile.language),
  consents: profile.consents.map((consent) => ({ ...consent, state: toProtoEnum('CONSENT_STATE', consent.state) })),
});

const toProtoStanding = (standing: ConsentStanding): Fields => ({
  ...standing,
  state: toProtoEnum('CONSENT_STATE', standing.state),
  language: toProtoEnum('LANGUAGE', standing.language),
});

export const toProtoConsents = (states: ConsentStates): Fields => ({ ...states, consents: states.consents.map(toProtoStanding) });

/** `state` is the third word of the message's type: granted, refused, withdrawn, expired. */
export const toProtoConsentChange = (state: string, change: ConsentChanged): Fields => ({
  ...change,
  state: toProtoEnum('CONSENT_STATE', state),
  language: toProtoEnum('LANGUAGE', change.language),
});

const toProtoTask = (task: ErasureTask): Fields => ({
  ...task,
  kind: toProtoEnum('TASK_KIND', task.kind),
  status: toProtoEnum('TASK_STATUS', task.status),
});

export const toProtoCase = (erasure: ErasureCase): Fields => ({
  ...erasure,
  status: toProtoEnum('CASE_STATUS', erasure.status),
  tasks: erasure.tasks.map(toProtoTask),
});

export const toProtoRegistration = (status: 'confirmation-sent' | 'guest-registered', customerId?: string): Fields => ({
  status: toProtoEnum('REGISTRATION_STATUS', status),
  customerId: customerId ?? '',
});
