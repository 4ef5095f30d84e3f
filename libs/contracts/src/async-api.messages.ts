import { type NewMessage, schemaUri, subjectOf, toMessage } from './cloud-event.js';
import type { Golden } from './golden-messages.js';
import { type JsonSchema, jsonSchemaOf } from './message-schema.js';
import type { PublicTopic } from './topic-catalogue.js';
import { Id } from './values.schema.js';

export interface AsyncApiMessage {
  readonly name: string;
  readonly title: string;
  readonly summary?: string;
  readonly contentType?: string;
  readonly headers: JsonSchema;
  readonly payload: JsonSchema;
  readonly bindings: { readonly kafka: { readonly key: JsonSchema; readonly bindingVersion: string } };
  readonly examples: readonly { readonly name: string; readonly headers: Readonly<Record<string, string>>; readonly payload: unknown }[];
}

/** What the schemas of messages share: in the document it lies in one place. */
export class SharedSchemas {
  readonly #schemas = new Map<string, JsonSchema>();

  /** The schema, with its references as they must be in the document. */
  add({ definitions = {}, $schema: _, ...schema }: JsonSchema): JsonSchema {
    for (const [name, definition] of Object.entries(definitions)) this.#keep(name, referring(definition));
    return referring(schema);
  }

  all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #keep(name: string, schema: JsonSchema): void {
    const kept = this.#schemas.get(name);
    if (kept && JSON.stringify(kept) !== JSON.stringify(schema)) throw new Error(`Two schemas are called ${name}`);
    this.#schemas.set(name, schema);
  }
}

const referring = (schema: JsonSchema): JsonSchema => JSON.parse(JSON.stringify(schema).replaceAll('"#/definitions/', '"#/components/schemas/')) as JsonSchema;

/** The messages of a topic by their names; the name is the type, except that a tombstone is told apart. */
export const asyncApiMessages = (topic: PublicTopic, golden: readonly Golden[], schemas: SharedSchemas): Readonly<Record<string, AsyncApiMessage>> => {
  const all = Object.keys(topic.messages).map((type) => message(topic, type, golden.filter((one) => one.type === type), schemas));
  if (topic.tombstones) all.push(tombstone(topic, golden, schemas));
  return Object.fromEntries(all.map((one) => [one.name, one]));
};

const message = (topic: PublicTopic, type: string, golden: readonly Golden[], schemas: SharedSchemas): AsyncApiMessage => {
  const json = jsonSchemaOf(topic.messages[type] as PublicTopic['headers']);
  const { description } = json.definitions?.[json.$ref?.split('/').at(-1) ?? ''] ?? json;
  return {
    name: type,
    title: type,
    ...(description && { summary: description }),
    contentType: 'application/json',
    headers: headersOf(topic, { ce_type: { const: type }, ce_dataschema: { const: schemaUri(type) } }, schemas),
    payload: schemas.add(json),
    bindings: bindings(schemas),
    examples: golden.map(({ file, data }) => example(topic, file.replace('.json', ''), type, subjectOf(data), data)),
  };
};

const tombstone = (topic: PublicTopic, golden: readonly Golden[], schemas: SharedSchemas): AsyncApiMessage => {
  const [type = ''] = Object.keys(topic.messages);
  const known = golden.find((one) => one.type === type);
  return {
    name: `${topic.id}.tombstone`,
    title: 'Tombstone',
    summary: 'No value at all: what was told under this key is to be removed.',
    headers: headersOf(topic, { ce_type: { const: type } }, schemas),
    payload: { type: 'null' },
    bindings: bindings(schemas),
    examples: [example(topic, `${topic.id}.tombstone`, type, known ? subjectOf(known.data) : '', null)],
  };
};

const headersOf = (topic: PublicTopic, properties: Readonly<Record<string, JsonSchema>>, schemas: SharedSchemas): JsonSchema => ({
  type: 'object',
  allOf: [schemas.add(jsonSchemaOf(topic.headers))],
  properties,
});

const bindings = (schemas: SharedSchemas): AsyncApiMessage['bindings'] => ({ kafka: { key: schemas.add(jsonSchemaOf(Id)), bindingVersion: '0.5.0' } });

const examples = { brand: 'fjord', system: 'crm' };

const example = (topic: PublicTopic, name: string, type: string, key: string, data: NewMessage['data']): AsyncApiMessage['examples'][number] => {
  const source = topic.source.replace(/\{(brand|system)\}/, (_, parameter: 'brand' | 'system') => examples[parameter]);
  const id = '5e6f3a52-2d0c-5b7e-9a41-0c1d7b8e2f60';
  const { headers } = toMessage({ topic: topic.name, key, type, source, id, time: '2026-03-01T09:30:00.000Z', sequence: '000000000007', data });
  return { name, headers, payload: data };
};
