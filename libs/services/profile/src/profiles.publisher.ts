import { toMessage, topicContracts, topics } from '@kendt/contracts';
import { type ConsentEvent, consentStream, type CustomerEvent, customerStream } from '@kendt/domain';
import { categoryOf, type Follower, keyOf, type Lookup, type OutgoingMessage, publishing, readAll, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { brandsEver, type CustomerDocument, withEvent } from './customer.document.js';
import { consentsTowards, profileOf } from './customer-profile.js';
import type { Reader } from './profile.streams.js';

export const profilesPublisher = 'publish-profiles';

/** They change nothing that a profile shows. */
const silent: ReadonlySet<string> = new Set(['RegistrationRepeated', 'ExternalIdentityLinked', 'ExternalIdentityUnlinked', 'ExternalReferenceRecorded']);

interface Deps {
  readonly store: Reader;
  readonly topics: Pick<Topics, 'publish' | 'ensure'>;
  readonly lookup: Lookup;
}

/**
 * The customer as each brand may see it, to `kendt.profiles.<brand>.v1`, and a tombstone to every brand that was ever joined
 * and is no longer. Always as it is now, not as it was at the event: history that is published again must not bring back
 * somebody who has been erased.
 */
export const publishProfiles = ({ store, topics: out, lookup }: Deps): Follower => {
  const ensured = new Set<string>();
  const ensure = async (brandId: string): Promise<void> => {
    if (ensured.has(brandId)) return;
    await out.ensure(topicContracts({ brands: [brandId], systems: [] }).filter(({ name }) => name === topics.profiles(brandId)));
    ensured.add(brandId);
  };
  const map = async (event: StoredEvent): Promise<OutgoingMessage[]> => {
    if (silent.has(event.type)) return [];
    const messages = await messagesOf(store, lookup, event);
    for (const { brandId } of messages) await ensure(brandId);
    return messages.map(({ message }) => message);
  };
  return publishing(out, { name: profilesPublisher, categories: ['customer', 'consent'], map });
};

interface BrandMessage {
  readonly brandId: string;
  readonly message: OutgoingMessage;
}

const messagesOf = async (store: Reader, lookup: Lookup, event: StoredEvent): Promise<BrandMessage[]> => {
  const customerId = keyOf(event.stream);
  const history = (await readAll(store, customerStream(customerId))) as unknown as readonly CustomerEvent[];
  const consents = (await readAll(store, consentStream(customerId))) as unknown as readonly ConsentEvent[];
  const document = history.reduce<CustomerDocument | undefined>((before, each) => withEvent(customerId, each, lookup, before), undefined);
  return concerned(event, brandsEver(history)).map((brandId) => ({
    brandId,
    message: messageOf(event, brandId, document?.brands.includes(brandId) ? profileOf(document, brandId, consentsTowards(brandId, consents)) : null),
  }));
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
