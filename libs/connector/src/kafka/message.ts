import type { KafkaMessage } from 'kafkajs';

export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** ISO 8601 UTC. */
  readonly timestamp: string;
  /** Empty where there was none. */
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

type Headers = NonNullable<KafkaMessage['headers']>;

/** A header that is there several times has its last value, as a map would. */
const textOf = (value: Headers[string]): string => {
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last === undefined ? '' : last.toString();
};

export const toRecord = (topic: string, partition: number, { offset, timestamp, key, value, headers = {} }: Omit<KafkaMessage, 'headers'> & { readonly headers?: Headers }): KafkaRecord => ({
  topic, partition, offset,
  timestamp: new Date(Math.max(Number(timestamp), 0)).toISOString(), // -1: the sender gave none
  key: key?.toString() ?? '',
  value: value && new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, textOf(text)])),
});
