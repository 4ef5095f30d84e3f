import {
  type CloudEvent,
  consentMessages,
  erasureTaskMessages,
  fromMessage,
  header,
  isTombstone,
  keyOf,
  ownerOf,
  profileMessages,
  topicPatterns,
  topics,
} from '@kendt/contracts';
import type { ConsentHandler, ConsentNews, CustomerChange, CustomerHandler, Delivery, ErasureHandler } from './connector.options.js';
import { failed, toReceipt } from './erasure-answer.js';
import type { Following } from './following.js';
import type { Handled } from './handled.js';
import type { ReceivedMessage, TopicTransport } from './transport.port.js';

interface DeliveryContext {
  readonly system: string;
  readonly brands: readonly string[] | undefined;
  readonly handled: Handled;
  readonly transport: TopicTransport;
  readonly now: () => string;
}

const deliveryOf = ({ id, time, sequence, traceparent }: CloudEvent<string, unknown>): Delivery => ({
  id,
  ...(time !== undefined && { time }),
  ...(sequence !== undefined && { sequence }),
  ...(traceparent !== undefined && { traceparent }),
});

const tombstoneDelivery = (message: ReceivedMessage): Delivery => ({
  id: header(message, 'ce_id') ?? `${message.topic}/${message.partition}/${message.offset}`,
});

const changeOf = (message: ReceivedMessage): readonly [CustomerChange, Delivery] => {
  const brandId = ownerOf(message.topic) ?? '';
  if (isTombstone(message)) return [{ kind: 'gone', customerId: keyOf(message), brandId }, tombstoneDelivery(message)];
  const event = fromMessage(message, profileMessages);
  return [{ kind: 'changed', customerId: event.subject, brandId, profile: event.data }, deliveryOf(event)];
};

/** Profiles of the brands. A customer that this system has erased does not come back, whatever was still on its way. */
export const customers = (handler: CustomerHandler, { brands, handled }: DeliveryContext): Following => ({
  name: 'customers',
  topics: brands ? brands.map(topics.profiles) : topicPatterns.profiles,
  deliver: async (message) => {
    const [change, delivery] = changeOf(message);
    if (change.kind === 'changed' && (await handled.isErased(change.customerId))) return;
    await handler(change, delivery);
  },
});

export const consents = (handler: ConsentHandler, { brands, handled }: DeliveryContext): Following => ({
  name: 'consents',
  topics: [topics.consents],
  deliver: async (message) => {
    const event = fromMessage(message, consentMessages);
    if (brands && !brands.includes(event.data.brandId)) return;
    if (await handled.isErased(event.subject)) return;
    const state = event.type.split('.')[2] as ConsentNews['state'];
    await handler({ ...event.data, state }, deliveryOf(event));
  },
});

/** Tasks of this system. The receipt is safely kept before the task counts as done. */
export const erasures = (handler: ErasureHandler, { system, handled, transport, now }: DeliveryContext): Following => ({
  name: 'erasures',
  topics: [topics.erasureTasks],
  deliver: async (message) => {
    const event = fromMessage(message, erasureTaskMessages);
    if (event.data.systemId !== system) return;
    // First the mark, then the work: a profile that is read meanwhile must not bring the customer back.
    await handled.markErased(event.subject);
    const answer = await handler(event.data, deliveryOf(event));
    await transport.publish([toReceipt(system, event.data, answer, now())]);
  },
  onParked: async (message) => {
    const { data } = fromMessage(message, erasureTaskMessages);
    const answer = failed('The system could not carry the task out; it will try again by itself');
    await transport.publish([toReceipt(system, data, answer, now())]);
  },
});
