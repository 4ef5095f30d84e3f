import type { z } from 'zod';
import type { MessageTypes } from './cloud-event.js';
import { connectorMessages, erasureReceiptMessages, holdingMessages, purchaseMessages } from './inbound.messages.js';
import { ErasureTaskHeaders, InboundHeaders, OutboundHeaders } from './message-headers.js';
import { consentMessages, customerMessages, erasureTaskMessages, profileMessages } from './outbound.messages.js';
import { type TopicContract, topicContracts, topics } from './topics.js';

/** A topic as outsiders know it. Where each brand or each system has one of its own, the name holds `{brand}` or `{system}`. */
export interface PublicTopic extends TopicContract {
  /** In one word, for the documents. */
  readonly id: string;
  readonly title: string;
  /** `out`: Kendt tells, others read; `in`: one system tells Kendt. */
  readonly direction: 'out' | 'in';
  readonly what: string;
  /** The field of the data that is also the key. */
  readonly key: 'customerId' | 'systemId';
  /** What `ce_source` says, or an example of it. */
  readonly source: string;
  readonly parameter?: 'brand' | 'system';
  readonly headers: z.ZodType;
  readonly messages: MessageTypes;
  /** An empty value takes the key away. */
  readonly tombstones: boolean;
}

type About = Pick<PublicTopic, 'id' | 'title' | 'what' | 'source' | 'messages'> & Partial<Pick<PublicTopic, 'headers' | 'key' | 'tombstones'>>;

const [brand, system] = ['{brand}', '{system}'];
const told = `urn:kendt:system:${system}`;

const about: Readonly<Record<string, About>> = {
  [topics.customers]: {
    id: 'customers',
    title: 'Customers',
    what: 'What happened to customers. Ids only.',
    source: 'urn:kendt:registration',
    messages: customerMessages,
  },
  [topics.consents]: { id: 'consents', title: 'Consents', what: 'Every answer to a purpose. Ids only.', source: 'urn:kendt:consent', messages: consentMessages },
  [topics.profiles(brand)]: {
    id: 'profiles',
    title: 'Profiles of a brand',
    what: 'The customer as this brand may see it, with the consents. Holds personal data. A tombstone (no value) when the customer is erased or has left the brand.',
    source: `urn:kendt:profile:${brand}`,
    messages: profileMessages,
    tombstones: true,
  },
  [topics.erasureTasks]: {
    id: 'erasure-tasks',
    title: 'Erasure tasks',
    what: 'What each system has to erase, and by when.',
    source: 'https://id.example.org',
    headers: ErasureTaskHeaders,
    messages: erasureTaskMessages,
  },
  [topics.erasureReceipts(system)]: {
    id: 'erasure-receipts',
    title: 'Erasure receipts of a system',
    what: 'The answer of one system to its tasks.',
    source: told,
    messages: erasureReceiptMessages,
  },
  [topics.holdings(system)]: {
    id: 'holdings',
    title: 'Holdings of a system',
    what: 'Which records one system holds of whom, on what basis, until when. Ids only.',
    source: told,
    messages: holdingMessages,
  },
  [topics.purchases(system)]: {
    id: 'purchases',
    title: 'Purchases of a system',
    what: 'What was bought, as one system reports it. Holds personal data.',
    source: told,
    messages: purchaseMessages,
  },
  [topics.connectors(system)]: {
    id: 'connectors',
    title: 'Connector of a system',
    what: 'How the connector of one system is doing: what it follows, and what it could not handle. Ids and counts only.',
    source: told,
    key: 'systemId',
    messages: connectorMessages,
  },
};

const publicTopic = (contract: TopicContract): PublicTopic => {
  const topic = about[contract.name];
  if (!topic) throw new Error(`topic-catalogue.ts says nothing about ${contract.name}`);
  const direction = contract.writer === 'kendt' ? 'out' : 'in';
  const parameter = contract.name.includes(brand) ? 'brand' : contract.name.includes(system) ? 'system' : undefined;
  return {
    headers: direction === 'out' ? OutboundHeaders : InboundHeaders,
    tombstones: false,
    key: 'customerId',
    ...topic,
    ...contract,
    direction,
    ...(parameter && { parameter }),
  };
};

/** Every kind of topic there is. */
export const publicTopics: readonly PublicTopic[] = topicContracts({ brands: [brand], systems: [system] }).map(publicTopic);

/** Every type of message there is, with its schema. */
export const everyMessage: MessageTypes = Object.fromEntries(publicTopics.flatMap(({ messages }) => Object.entries(messages)));
