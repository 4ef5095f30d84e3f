import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import type { Metrics } from '../operators/metrics.js';
import { contentSecurityPolicy } from '../pages/content-security-policy.js';
import { AllowedMethods } from './allowed-methods.js';
import { RawRoutes } from './raw-routes.js';
import { logRequests } from './request-log.js';

export const bodyLimit = 64 * 1024;

export const fastifyAdapter = ({ trustProxy }: Pick<Config, 'trustProxy'>): FastifyAdapter =>
  new FastifyAdapter({ bodyLimit, trustProxy: trustProxy.length > 0 ? [...trustProxy] : false, requestTimeout: 30_000, routerOptions: { maxParamLength: 256 } });

/** The order matters: traces first, then headers and cookies, then whatever answers on the raw response. */
export const prepare = async (app: NestFastifyApplication, config: Config, logger: Logger, metrics: Metrics): Promise<void> => {
  const instance = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  app.get(AllowedMethods).listen(instance);
  logRequests(instance, logger, metrics);
  await app.register(helmet as never, headers(config) as never);
  await app.register(cookie as never);
  app.get(RawRoutes).listen(instance);
  instance.removeContentTypeParser('text/plain');
};

const headers = ({ publicUrl }: Config): object => ({
  contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy([]) },
  strictTransportSecurity: publicUrl.startsWith('https://') ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  referrerPolicy: { policy: 'no-referrer' },
  frameguard: { action: 'deny' },
  crossOriginEmbedderPolicy: false,
});
