import type { JsonSchema } from './message-schema.js';

/** One field of a message, as documents tell of it. Code stands between backticks. */
export interface Field {
  /** `name`, `outer.inner`, or `list[].inner`. */
  readonly path: string;
  readonly optional: boolean;
  readonly type: string;
  readonly meaning: string;
}

/** Follows a reference such as `#/definitions/Id` from the root of its document; what stands beside it goes first. */
export const resolved = ({ $ref, allOf, ...own }: JsonSchema, root: object): JsonSchema => {
  if ($ref) return { ...resolved(target($ref, root), root), ...own };
  const [only] = allOf ?? [];
  return only && allOf?.length === 1 ? { ...resolved(only, root), ...own } : { ...own, ...(allOf && { allOf }) };
};

const target = ($ref: string, root: object): JsonSchema =>
  $ref.slice('#/'.length).split('/').reduce((inner, name) => (inner as Record<string, object>)[name] as object, root);

/** The fields of an object and of the objects within. */
export const fieldsOf = (schema: JsonSchema, root: object, prefix = ''): readonly Field[] => {
  const { properties = {}, required = [] } = resolved(schema, root);
  return Object.entries(properties).flatMap(([name, property]) => {
    const type = resolved(property, root);
    const inner = type.type === 'array' ? type.items : type;
    const path = prefix + name;
    const field = { path, optional: !required.includes(name) || type.default !== undefined, type: typeName(property, root), meaning: meaningOf(type) };
    return [field, ...(inner ? fieldsOf(inner, root, `${path}${type.type === 'array' ? '[]' : ''}.`) : [])];
  });
};

const meaningOf = ({ description, default: fallback }: JsonSchema): string =>
  [description, fallback !== undefined && `Unless told: \`${JSON.stringify(fallback)}\`.`].filter(Boolean).join(' ');

const code = (value: unknown): string => `\`${String(value)}\``;

const typeName = (property: JsonSchema, root: object): string => {
  const { type, enum: values, const: only, items, format, anyOf } = resolved(property, root);
  if (only !== undefined) return code(only);
  if (values) return values.map(code).join(', ');
  if (type === 'array' && items) return `list of ${typeName(items, root)}`;
  const named = property.$ref ?? (property.allOf?.length === 1 ? property.allOf[0]?.$ref : undefined);
  if (named) return named.slice(named.lastIndexOf('/') + 1);
  return format ?? type ?? anyOf?.map((one) => typeName(one, root)).join(' or ') ?? 'anything';
};
