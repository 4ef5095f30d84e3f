import type { ConnectorOptions } from './connector.options.js';
import { SqliteTransport } from './sqlite.transport.js';
import type { TopicTransport } from './transport.port.js';

/** @throws Error with a sentence for the operator. */
export const checkTopicsUrl = (url: string): void => {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1];
  if (scheme === 'sqlite' && url.length > 'sqlite:'.length) return;
  if (scheme === 'kafka') throw new Error('Topics on kafka:// need a later version of the connector; this one reads sqlite:<file>');
  throw new Error(`Topics must be given as sqlite:<file>, not as ${scheme === undefined ? 'a plain path' : `${scheme}:`}`);
};

export const openTransport = async ({ topics }: ConnectorOptions): Promise<TopicTransport> => {
  if (typeof topics !== 'string') return topics;
  checkTopicsUrl(topics);
  return SqliteTransport.open(topics.slice('sqlite:'.length));
};
