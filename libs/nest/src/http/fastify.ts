import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '../config/config.js';
import type { Observer } from '../observed/observer.js';
import { Health } from '../operators/health.js';
import { contentSecurityPolicy } from '../pages/content-security-policy.js';
import { Problem, problemDetails } from '../problems/problem.js';
import { AllowedMethods } from './allowed-methods.js';
import { RawRoutes } from './raw-routes.js';
import { logRequests } from './request-log.js';

export const bodyLimit = 64 * 1024;

export const fastifyAdapter = ({ trustProxy }: Pick<Config, 'trustProxy'>): FastifyAdapter =>
  new FastifyAdapter({
    bodyLimit,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    requestTimeout: 30_000,
    return503OnClosing: false, // what comes on a connection that is open yet is answered: it says that it closes
    routerOptions: { maxParamLength: 256 },
    schemaController: { compilersFactory: noCompilers },
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => void unroutable(reply),
  });

const noSchemas = (): never => {
  throw new Error('Routes have no JSON schemas: what comes is checked by their contracts');
};

/** Fastify would load three compilers of JSON schemas at each start: a third of all the time until a service is ready. */
const noCompilers = { buildValidator: () => noSchemas, buildSerializer: () => noSchemas };

/** The router refuses these before any hook runs. Its own message repeats the path. */
const unroutable = (reply: FastifyReply): FastifyReply => {
  const problem = new Problem(400, 'PATH_INVALID', 'The path is malformed or a part of it is too long');
  return reply.code(problem.status).type('application/problem+json').header('cache-control', 'no-store').send(JSON.stringify(problemDetails(problem)));
};

/** The order matters: traces first, then headers and cookies, then whatever answers on the raw response. */
export const prepare = async (app: NestFastifyApplication, config: Config, observer: Observer): Promise<void> => {
  const instance = app.getHttpAdapter().getInstance();
  sayThatItCloses(app, instance);
  app.get(AllowedMethods).listen(instance);
  logRequests(instance, observer);
  await app.register(helmet, headers(config));
  await app.register(cookie as never);
  app.get(RawRoutes).listen(instance);
  instance.removeContentTypeParser('text/plain');
};

/** A gateway keeps connections open. It must not send the next request on one of a process that goes. */
const sayThatItCloses = (app: NestFastifyApplication, instance: FastifyInstance): void => {
  const health = app.get(Health);
  instance.addHook('onRequest', (_request, reply, done) => {
    if (health.stopping) reply.raw.setHeader('connection', 'close');
    done();
  });
};

const headers = ({ publicUrl }: Config): object => ({
  contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy([]) },
  strictTransportSecurity: publicUrl.startsWith('https://') ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  referrerPolicy: { policy: 'no-referrer' },
  frameguard: { action: 'deny' },
  crossOriginEmbedderPolicy: false,
});
