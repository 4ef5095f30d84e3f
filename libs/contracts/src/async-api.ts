import { readFileSync } from 'node:fs';
import { type AsyncApiMessage, asyncApiMessages, SharedSchemas } from './async-api.messages.js';
import { maxMessageBytes } from './cloud-event.js';
import { goldenMessages } from './golden-messages.js';
import type { JsonSchema } from './message-schema.js';
import { packageFile } from './proto-file.js';
import { type PublicTopic, publicTopics } from './topic-catalogue.js';

interface Reference {
  readonly $ref: string;
}

export interface AsyncApiChannel {
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly parameters?: Readonly<Record<string, { readonly description: string; readonly examples: readonly string[] }>>;
  readonly messages: Readonly<Record<string, Reference>>;
  readonly bindings: { readonly kafka: { readonly partitions: number; readonly topicConfiguration: Readonly<Record<string, unknown>>; readonly bindingVersion: string } };
  /** `kendt`, or the parameter that names the one system. */
  readonly 'x-writer': string;
}

export interface AsyncApiOperation {
  /** As seen by Kendt. */
  readonly action: 'send' | 'receive';
  readonly channel: Reference;
  readonly summary: string;
  readonly messages: readonly Reference[];
}

/** AsyncAPI 3.0, as far as it is used here. */
export interface AsyncApi {
  readonly asyncapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string; readonly license: object };
  readonly defaultContentType: string;
  readonly channels: Readonly<Record<string, AsyncApiChannel>>;
  readonly operations: Readonly<Record<string, AsyncApiOperation>>;
  readonly components: { readonly messages: Readonly<Record<string, AsyncApiMessage>>; readonly schemas: Readonly<Record<string, JsonSchema>> };
}

const description = [
  'What Kendt tells other systems, and what they tell Kendt.',
  'Every message is a CloudEvent 1.0 in the binary mode of Kafka: the attributes are headers,',
  `the value is JSON of at most ${maxMessageBytes / 1024} KiB, the key is the customer’s id (a connector’s status has its system’s).`,
  'Messages of one customer keep their order. Delivery is at least once: a message that comes again has the same `ce_id` and `ce_source`.',
  'Readers ignore fields and headers that they do not know. Kendt itself refuses a message to it that has a field it does not know.',
].join(' ');

/** The contract with other systems, written down: every topic, who may write to it, and every message on it. */
export const asyncApiDocument = (): AsyncApi => {
  const schemas = new SharedSchemas();
  const golden = goldenMessages();
  const topics = publicTopics.map((topic) => ({ topic, messages: asyncApiMessages(topic, golden, schemas) }));
  return {
    asyncapi: '3.0.0',
    info: { title: 'Kendt', version: versionOf(), description, license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' } },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map(({ topic, messages }) => [topic.id, channel(topic, Object.keys(messages))])),
    operations: Object.fromEntries(topics.map(({ topic, messages }) => [`${actionOf(topic)}-${topic.id}`, operation(topic, Object.keys(messages))])),
    components: { messages: Object.assign({}, ...topics.map(({ messages }) => messages)) as AsyncApi['components']['messages'], schemas: schemas.all() },
  };
};

const versionOf = (): string => (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;

const parameters = {
  brand: { description: 'The id of a brand, from the configuration.', examples: ['fjord'] },
  system: { description: 'The id of a registered system. Who speaks is told by the topic, never by the message.', examples: ['crm'] },
};

const channel = (topic: PublicTopic, messages: readonly string[]): AsyncApiChannel => ({
  address: topic.name,
  title: topic.title,
  description: topic.what,
  ...(topic.parameter && { parameters: { [topic.parameter]: parameters[topic.parameter] } }),
  messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  bindings: { kafka: { partitions: topic.partitions, topicConfiguration: configuration(topic), bindingVersion: '0.5.0' } },
  'x-writer': topic.writer,
});

/** By the names that the broker has for them. */
const configuration = ({ cleanup, retentionMs, deleteRetentionMs, segmentMs, maxCompactionLagMs }: PublicTopic): Readonly<Record<string, unknown>> => ({
  'cleanup.policy': [cleanup],
  ...(retentionMs !== undefined && { 'retention.ms': retentionMs }),
  ...(deleteRetentionMs !== undefined && { 'delete.retention.ms': deleteRetentionMs }),
  ...(segmentMs !== undefined && { 'segment.ms': segmentMs }),
  ...(maxCompactionLagMs !== undefined && { 'max.compaction.lag.ms': maxCompactionLagMs }),
});

const actionOf = ({ direction }: PublicTopic): AsyncApiOperation['action'] => (direction === 'out' ? 'send' : 'receive');

const operation = (topic: PublicTopic, messages: readonly string[]): AsyncApiOperation => ({
  action: actionOf(topic),
  channel: { $ref: `#/channels/${topic.id}` },
  summary: topic.direction === 'out' ? 'Kendt alone writes here.' : 'Only the system that the topic is named after writes here.',
  messages: messages.map((name) => ({ $ref: `#/channels/${topic.id}/messages/${name}` })),
});
