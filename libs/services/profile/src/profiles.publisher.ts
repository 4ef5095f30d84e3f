import { outgoingTopic, toMessage, topicPatterns, topics } from '@kendt/contracts';
import { type ConsentEvent, consentStream, customerStream } from '@kendt/domain';
import { categoryOf, keyOf, type OutgoingMessage, publishing, type PublishingFollower, readState, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { consentsOfBrand, lastAnswers, profileOf } from './customer-profile.js';
import type { Reader } from './profile.streams.js';
import { documentOf, toldCustomer } from './told-customer.js';

export const profilesPublisher = 'publish-profiles';

/** They change nothing that a profile shows. */
const silent: ReadonlySet<string> = new Set(['RegistrationRepeated', 'ExternalIdentityLinked', 'ExternalIdentityUnlinked', 'ExternalReferenceRecorded']);

interface Deps {
  readonly store: Reader;
  readonly topics: Pick<Topics, 'publish' | 'ensure'>;
}

/**
 * The customer as each brand may see it, to `kendt.profiles.<brand>.v1`, and a tombstone to every brand that was ever joined
 * and is no longer. Always as it is now, not as it was at the event: history that is published again must not bring back
 * somebody who has been erased.
 */
export const publishProfiles = ({ store, topics: out }: Deps): PublishingFollower =>
  publishing(out, {
    name: profilesPublisher,
    categories: ['customer', 'consent'],
    topics: topicPatterns.profiles,
    define: outgoingTopic,
    map: async (event) => (silent.has(event.type) ? [] : messagesOf(store, event)),
  });

const messagesOf = async (store: Reader, event: StoredEvent): Promise<OutgoingMessage[]> => {
  const customerId = keyOf(event.stream);
  const told = await readState(store, toldCustomer, customerStream(customerId));
  const answers = await readState(store, lastAnswers, consentStream(customerId));
  const document = documentOf(customerId, told);
  return concerned(event, told.brandsEver).map((brandId) =>
    messageOf(event, brandId, document?.brands.includes(brandId) ? profileOf(document, brandId, consentsOfBrand(brandId, answers)) : null),
  );
};

/** An answer to one brand is no other brand's business. */
const concerned = (event: StoredEvent, brands: readonly string[]): readonly string[] =>
  categoryOf(event.stream) === 'consent' ? brands.filter((brandId) => brandId === (event as unknown as ConsentEvent).data.brandId) : brands;

const messageOf = (event: StoredEvent, brandId: string, data: object | null): OutgoingMessage =>
  toMessage({
    topic: topics.profiles(brandId),
    key: keyOf(event.stream),
    type: 'kendt.profile.changed.v1',
    source: `urn:kendt:profile:${brandId}`, // an event tells several brands, each something else: source and id are unique together
    id: event.id,
    time: event.metadata.recordedAt,
    sequence: event.position,
    ...(event.metadata.traceparent && { traceparent: event.metadata.traceparent }),
    data,
  });
