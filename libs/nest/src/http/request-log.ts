import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Metrics } from '../operators/metrics.js';
import { traceFrom, type Trace, traceparent, withTrace } from './trace.js';

const traces = new WeakMap<FastifyRequest, Trace>();
const codes = new WeakMap<FastifyRequest, string>();

export const rememberCode = (request: FastifyRequest, code: string): void => void codes.set(request, code);

/** A trace for every request, and one line when it is answered. The route is the pattern: a path may name a customer. */
export const logRequests = (instance: FastifyInstance, logger: Logger, metrics: Metrics): void => {
  instance.addHook('onRequest', (request, reply, done) => {
    const trace = traceFrom(single(request.headers['traceparent']));
    traces.set(request, trace);
    reply.raw.setHeader('traceparent', traceparent(trace)); // on the raw response: what the OpenID provider answers carries it too
    withTrace(trace, done);
  });
  // Reading the body loses the asynchronous context: take it up again before guards and handlers run.
  instance.addHook('preHandler', (request, _reply, done) => withTrace(traces.get(request) ?? traceFrom(undefined), done));
  instance.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(reply.elapsedTime);
    const route = routeOf(request);
    // A gateway asks for it twice a second.
    const level = route.startsWith('/health/') ? 'debug' : 'info';
    logger[level]({ traceId: traces.get(request)?.traceId, method: request.method, route, status: reply.statusCode, ms, code: codes.get(request) }, 'request');
    metrics.httpRequest(request.method, route, reply.statusCode, reply.elapsedTime);
    done();
  });
};

const rawRoutes = new WeakMap<FastifyRequest, string>();
export const rememberRoute = (request: FastifyRequest, route: string): void => void rawRoutes.set(request, route);
const routeOf = (request: FastifyRequest): string => rawRoutes.get(request) ?? request.routeOptions.url ?? '(none)';
const single = (value: string | string[] | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
