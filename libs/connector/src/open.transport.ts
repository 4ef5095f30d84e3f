import type { ConnectorOptions } from './connector.options.js';
import { readKafkaAddress } from './kafka/address.js';
import { SqliteTransport } from './sqlite.transport.js';
import type { TopicTransport } from './transport.port.js';

const isKafka = (url: string): boolean => /^kafkas?:/i.test(url);

/** @throws Error with a sentence for the operator. */
export const checkTopicsUrl = (url: string): void => {
  if (isKafka(url)) return void readKafkaAddress(url);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1];
  if (scheme === 'sqlite' && url.length > 'sqlite:'.length) return;
  throw new Error(`Topics must be given as sqlite:<file> or kafka://<host>:<port>, not as ${scheme === undefined ? 'a plain path' : `${scheme}:`}`);
};

export const openTransport = async ({ topics, system }: ConnectorOptions): Promise<TopicTransport> => {
  if (typeof topics !== 'string') return topics;
  checkTopicsUrl(topics);
  if (!isKafka(topics)) return SqliteTransport.open(topics.slice('sqlite:'.length));
  const { KafkaTransport } = await import('./kafka/kafka.transport.js'); // who reads a file does not pay for a Kafka client
  return KafkaTransport.open({ url: topics, clientId: system });
};
