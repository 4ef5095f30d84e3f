import { outgoingTopic, toMessage, topics } from '@kendt/contracts';
import { type EventStore, type OutgoingMessage, publishing, type PublishingFollower, type StoredEvent, type Topics } from '@kendt/eventsourcing';
import { changeOf } from './consent-change.js';

export const consentsPublisher = 'publish-consents';

/** Every answer to `kendt.consents.v1`: ids only. A fact that is published again has the same id. */
export const publishConsents = (store: Pick<EventStore, 'read'>, outgoing: Pick<Topics, 'publish' | 'ensure'>): PublishingFollower =>
  publishing(outgoing, { name: consentsPublisher, categories: ['consent'], topics: [topics.consents], define: outgoingTopic, map: (event) => messagesOf(store, event) });

const messagesOf = async (store: Pick<EventStore, 'read'>, event: StoredEvent): Promise<OutgoingMessage[]> => {
  const change = await changeOf(store, event);
  if (!change) return [];
  const { traceparent } = event.metadata;
  return [
    toMessage({
      topic: topics.consents,
      key: change.data.customerId,
      type: `kendt.consent.${change.state}.v1`,
      source: 'urn:kendt:consent',
      id: event.id,
      time: change.data.at,
      sequence: event.position,
      ...(traceparent && { traceparent }),
      data: change.data,
    }),
  ];
};
