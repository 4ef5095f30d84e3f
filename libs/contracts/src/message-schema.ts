import { z } from 'zod';
import { schemaUri } from './cloud-event.js';
import { everyMessage } from './topic-catalogue.js';

/** JSON Schema draft-07, which is also what AsyncAPI 3 takes a schema for. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** As it is read: what has more fields than it says is open, unless it says that it is not. */
export const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  unwrapped(z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })) as JsonSchema;

/** draft-07 ignores what stands beside a reference, so zod wraps each in `allOf`, also where nothing stands beside it. */
const unwrapped = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  const { allOf } = value as JsonSchema;
  if (allOf?.length === 1 && Object.keys(value).length === 1) return unwrapped(allOf[0]);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, unwrapped(inner)]));
};

/** The schema of a type of message by itself, as `ce_dataschema` names it. Undefined where there is no such type. */
export const messageSchema = (type: string): JsonSchema | undefined => {
  const schema = Object.hasOwn(everyMessage, type) ? everyMessage[type] : undefined;
  if (!schema) return undefined;
  const { $schema, $ref, definitions = {}, ...own } = jsonSchemaOf(schema);
  // draft-07 reads nothing that stands beside a reference, and so no `$id` either: what it refers to stands at the top itself.
  const { [$ref?.slice('#/definitions/'.length) ?? '']: top = own, ...others } = definitions;
  return { $schema, $id: schemaUri(type), title: type, ...top, definitions: others };
};
