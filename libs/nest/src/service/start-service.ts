import { readFileSync } from 'node:fs';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Environment } from '../config/config.js';
import { type Kendt, startKendt } from '../start.js';
import type { Ports } from '../tokens.js';
import { noTopics } from './no-topics.js';
import { type Adapters, meansOf, prepare, type Prepared, tokenKeysFor } from './preparation.js';
import { type Service, settingsOf } from './service.js';

export interface ServiceOptions {
  /** A file with the REST interface of all services, which this one shows. */
  readonly wholeApi?: string;
}

/**
 * Starts one service in this process; prints nothing. Brands, clients, purposes and systems come from the streams: what the
 * configuration files say is applied by `kendt config apply`, once for all processes.
 * @throws ConfigError with every mistake at once
 */
export const startService = async (service: Service, adapters: Adapters, env: Environment, { wholeApi }: ServiceOptions = {}): Promise<Kendt> => {
  const prepared = await prepare(service, adapters, env);
  const { config, secrets, installation } = prepared;
  const ports = await openPorts(service, adapters, prepared, env);
  try {
    return await startKendt({
      name: service.name,
      modules: service.modules,
      ...(service.grpc && { grpc: service.grpc }),
      ...(wholeApi !== undefined && { wholeApi: JSON.parse(readFileSync(wholeApi, 'utf8')) as OpenAPIObject }),
      ports,
      config,
      secrets,
      ...(installation && { installation }),
      tokenKeys: tokenKeysFor(service, prepared, () => new Date()),
    });
  } catch (error) {
    for (const port of Object.values<{ close(): Promise<void> }>({ ...ports })) await port.close().catch(() => undefined);
    throw error;
  }
};

const openPorts = async (service: Service, adapters: Adapters, prepared: Prepared, env: Environment): Promise<Ports> => {
  const { eventStoreUrl, viewsUrl, keysUrl, topicsUrl } = prepared.config;
  const addresses = { eventStoreUrl, viewsUrl, keysUrl, ...(settingsOf(service).includes('TOPICS_URL') && { topicsUrl }) };
  const { topics = noTopics(service.name), ...others } = await adapters.open(addresses, meansOf(prepared, env));
  return { ...others, topics };
};
