import { Refusal } from '@kendt/kernel';
import { z } from 'zod';
import { fieldErrors } from './problem.schema.js';
import { Id, Time } from './values.schema.js';

/** The largest value that is read or written; the same bound as a REST body. */
export const maxMessageBytes = 64 * 1024;

export type MessageFault =
  | 'MESSAGE_NOT_JSON'
  | 'MESSAGE_INVALID'
  | 'MESSAGE_TYPE_UNKNOWN'
  | 'MESSAGE_TOO_LARGE'
  | 'MESSAGE_KEY_MISSING'
  | 'MESSAGE_TOMBSTONE';

/** A message that cannot be taken, however often it comes. Says where it is wrong, never what stood there. */
export class MessageRefused extends Refusal {
  declare readonly code: MessageFault;

  constructor(code: MessageFault, message: string, options?: ErrorOptions) {
    super(code, message, 'invalid', options);
  }
}

/** What a message is about is also its key. */
export type Keyed = { readonly customerId: string } | { readonly systemId: string };

/** The messages that a topic may carry: CloudEvents type → schema of its data. */
export type MessageTypes = Readonly<Record<string, z.ZodType<Keyed>>>;

export interface CloudEvent<Type extends string, Data> {
  readonly type: Type;
  readonly id: string;
  readonly source: string;
  /** The message's key: the customerId, or whatever else the topic is about. */
  readonly subject: string;
  readonly time?: string;
  /** Counts up per customer and source; later compares greater. */
  readonly sequence?: string;
  readonly traceparent?: string;
  readonly data: Data;
}

/** Any of the events of a topic; `type` tells which. */
export type EventOf<Types extends MessageTypes> = {
  [Type in keyof Types & string]: CloudEvent<Type, z.infer<Types[Type]>>;
}[keyof Types & string];

export interface NewMessage {
  readonly topic: string;
  /** The customerId, or whatever else the topic is about. */
  readonly key: string;
  readonly type: string;
  readonly source: string;
  /** The same fact has the same id, however often it is published: readers drop the second. */
  readonly id: string;
  readonly time: string;
  readonly subject?: string;
  readonly sequence?: string;
  readonly traceparent?: string;
  /** `null`: a tombstone, which removes the key from a compacted topic. */
  readonly data: object | null;
}

export interface Message {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

const bytes = (data: object): Uint8Array => {
  const value = new TextEncoder().encode(JSON.stringify(data));
  if (value.byteLength > maxMessageBytes) throw new MessageRefused('MESSAGE_TOO_LARGE', `A message may have ${maxMessageBytes} bytes`);
  return value;
};

/** Names the schema of a type of message: the same everywhere, whoever sends it. Every Kendt serves it at `/docs/schemas/<type>.json`. */
export const schemaUri = (type: string): string => `urn:kendt:schema:${type}`;

export const subjectOf = (data: Keyed): string => ('customerId' in data ? data.customerId : data.systemId);

/** CloudEvents 1.0, Kafka protocol binding, binary mode (§ 3.2): attributes are headers, the value is the data. */
export const toMessage = (event: NewMessage): Message => ({
  topic: event.topic,
  key: event.key,
  value: event.data === null ? null : bytes(event.data),
  headers: {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_type: event.type,
    ce_source: event.source,
    ce_time: event.time,
    ce_subject: event.subject ?? event.key,
    ...(event.sequence !== undefined && { ce_sequence: event.sequence }),
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    ...(event.data !== null && { ce_dataschema: schemaUri(event.type), 'content-type': 'application/json' }),
  },
});

type Text = string | Uint8Array;
/** What clients of brokers hand out: text, bytes, or several of either. */
export interface IncomingMessage {
  readonly key: Text | null | undefined;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, Text | readonly Text[] | undefined>> | undefined;
}

const text = (value: Text): string => (typeof value === 'string' ? value : new TextDecoder().decode(value));

/** One header as text; the first where it came several times. */
export const header = (message: Pick<IncomingMessage, 'headers'>, name: string): string | undefined => {
  const value = message.headers?.[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' || value instanceof Uint8Array) return text(value);
  return value[0] === undefined ? undefined : text(value[0]);
};

export const keyOf = (message: Pick<IncomingMessage, 'key'>): string => {
  const key = message.key ? text(message.key) : '';
  if (key === '') throw new MessageRefused('MESSAGE_KEY_MISSING', 'A message needs a key');
  return key;
};

/** A compacted topic says with an empty value that the key is gone. */
export const isTombstone = (message: Pick<IncomingMessage, 'value'>): boolean => message.value === null;

const Attributes = z.object({
  specversion: z.literal('1.0'),
  id: Id,
  source: z.string().min(1).max(300),
  subject: Id.optional(),
  time: Time.optional(),
  sequence: z.string().max(64).optional(),
  traceparent: z.string().max(64).optional(),
});

const checked = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = fieldErrors(result.error.issues).slice(0, 5);
  throw new MessageRefused('MESSAGE_INVALID', faults.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; '));
};

const attributes = (message: IncomingMessage) =>
  checked(Attributes, {
    ...Object.fromEntries(Object.keys(Attributes.shape).map((name) => [name, header(message, `ce_${name}`)])),
    traceparent: header(message, 'traceparent'),
  });

const json = (value: Uint8Array): unknown => {
  if (value.byteLength > maxMessageBytes) throw new MessageRefused('MESSAGE_TOO_LARGE', `A message may have ${maxMessageBytes} bytes`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch {
    // The cause is left out: the parser quotes what it read.
    throw new MessageRefused('MESSAGE_NOT_JSON', 'The value is not JSON in UTF-8');
  }
};

/** Reads one message of a topic, or throws {@link MessageRefused}. A tombstone is for {@link isTombstone} to see first. */
export const fromMessage = <Types extends MessageTypes>(message: IncomingMessage, types: Types): EventOf<Types> => {
  const key = keyOf(message);
  if (message.value === null) throw new MessageRefused('MESSAGE_TOMBSTONE', 'The message has no value');
  const { specversion: _, ...event } = attributes(message);
  const type = header(message, 'ce_type') ?? '';
  const schema = Object.hasOwn(types, type) ? types[type] : undefined;
  if (!schema) throw new MessageRefused('MESSAGE_TYPE_UNKNOWN', 'The type of the message is not one of this topic');
  const data = checked(schema, json(message.value));
  // Order holds per key: a message under another key could overtake the customer's own.
  if (subjectOf(data) !== key) throw new MessageRefused('MESSAGE_INVALID', `/${'customerId' in data ? 'customerId' : 'systemId'} is not the key of the message`);
  return { ...event, type, subject: key, data } as EventOf<Types>;
};
