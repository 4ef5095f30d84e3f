import { z } from 'zod';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** In proto3 a field that was not sent cannot be told from an empty one: empty text and an unset message are no value. */
const present = (value: unknown): unknown => {
  if (value === '' || value === null) return undefined;
  if (Array.isArray(value)) return value.map(present);
  if (!isFields(value)) return value;
  // A name that starts with an underscore is what the loader adds for an optional field.
  const entries = Object.entries(value).flatMap(([key, field]): [string, unknown][] => {
    const kept = present(field);
    return kept === undefined || key.startsWith('_') ? [] : [[key, kept]];
  });
  return Object.fromEntries(entries);
};

/** A schema for what proto-loader hands out. `change` puts the message into the shape of the REST command. */
export const fromProto = <T extends z.ZodType>(schema: T, change: (message: Fields) => unknown = (message) => message) =>
  z.preprocess((message) => {
    const fields = present(message);
    return change(isFields(fields) ? fields : {});
  }, schema);

/** `ANSWER_GRANTED` → `granted`, `…_UNSPECIFIED` and numbers that are not known → no value. */
export const fromProtoEnum = (prefix: string, value: unknown): string | undefined =>
  typeof value === 'string' && value.startsWith(`${prefix}_`) && value !== `${prefix}_UNSPECIFIED`
    ? value.slice(prefix.length + 1).toLowerCase().replaceAll('_', '-')
    : undefined;

/** `awaiting-confirmation` → `CASE_STATUS_AWAITING_CONFIRMATION`; no value → `…_UNSPECIFIED`. */
export const toProtoEnum = (prefix: string, value: string | undefined): string =>
  `${prefix}_${(value ?? 'unspecified').toUpperCase().replaceAll('-', '_')}`;

/** The same message with some enum fields read; a field without a value is left out. */
export const withEnums = (message: Fields, enums: Readonly<Record<string, string>>): Fields => {
  const read = Object.entries(enums).map(([field, prefix]) => [field, fromProtoEnum(prefix, message[field])] as const);
  const rest = Object.entries(message).filter(([field]) => !(field in enums));
  return Object.fromEntries([...rest, ...read.filter(([, value]) => value !== undefined)]);
};

/** A message whose numbers of 0 stand for nothing. */
export const withoutZero = (message: Fields, ...fields: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(message).filter(([field, value]) => !(fields.includes(field) && value === 0)));

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
export const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
