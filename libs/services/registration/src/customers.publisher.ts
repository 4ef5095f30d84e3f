import { customerMessages, outgoingTopic, toMessage, topics } from '@kendt/contracts';
import type { CustomerEvent } from '@kendt/domain';
import { keyOf, type OutgoingMessage, publishing, type PublishingFollower, type StoredEvent, type Topics } from '@kendt/eventsourcing';

export const customersPublisher = 'publish-customers';

type Types = typeof customerMessages;
type Told = { readonly [Type in keyof Types]: readonly [type: Type, details?: object] }[keyof Types];

/** What happened to customers, to `kendt.customers.v1`: ids only. A fact that is published again has the same id. */
export const publishCustomers = (outgoing: Pick<Topics, 'publish' | 'ensure'>): PublishingFollower =>
  publishing(outgoing, { name: customersPublisher, categories: ['customer'], topics: [topics.customers], define: outgoingTopic, map: messagesOf });

export const messagesOf = (event: StoredEvent): readonly OutgoingMessage[] => {
  const told = publicOf(event as unknown as CustomerEvent);
  return told ? [message(event, told)] : [];
};

/** The public word for an event; none where it is nobody else's business. */
const publicOf = (event: CustomerEvent): Told | undefined => {
  switch (event.type) {
    case 'CustomerRegistered':
      return ['kendt.customer.registered.v1', { kind: event.data.kind, brandId: event.data.brandId }];
    case 'EmailVerified':
      return ['kendt.customer.verified.v1', { what: 'email' }];
    case 'ContactDetailsChanged':
      return ['kendt.customer.changed.v1'];
    case 'GuestUpgraded':
      return ['kendt.customer.upgraded.v1'];
    case 'BrandJoined':
      return ['kendt.customer.brand-joined.v1', { brandId: event.data.brandId }];
    case 'BrandLeft':
      return ['kendt.customer.brand-left.v1', { brandId: event.data.brandId }];
    case 'CustomerSuspended':
      return ['kendt.customer.suspended.v1'];
    case 'CustomerReinstated':
      return ['kendt.customer.reinstated.v1'];
    case 'CustomerFrozen':
      return ['kendt.customer.frozen.v1', { caseId: event.data.caseId }];
    case 'CustomerErased':
      return ['kendt.customer.erased.v1', { caseId: event.data.caseId }];
    default:
      return undefined;
  }
};

const message = (event: StoredEvent, [type, details = {}]: Told): OutgoingMessage => {
  const { recordedAt: at, brand: brandId, channel, traceparent } = event.metadata;
  const customerId = keyOf(event.stream);
  // The schema drops what is not promised, so nothing else can slip out.
  const data = customerMessages[type].parse({ brandId, channel, ...details, customerId, at });
  return toMessage({
    topic: topics.customers,
    key: customerId,
    type,
    source: 'urn:kendt:registration',
    id: event.id,
    time: at,
    sequence: String(event.revision).padStart(12, '0'),
    ...(traceparent && { traceparent }),
    data,
  });
};
