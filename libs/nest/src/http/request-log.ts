import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Observer } from '../observed/observer.js';
import type { OpenSpan } from '../tracing/tracing.js';
import { traceFrom, traceparent, withTrace } from './trace.js';

const spans = new WeakMap<FastifyRequest, OpenSpan>();
const codes = new WeakMap<FastifyRequest, string>();

export const rememberCode = (request: FastifyRequest, code: string): void => void codes.set(request, code);

/** A trace for every request, and one line when it is answered. The route is the pattern: a path may name a customer. */
export const logRequests = (instance: FastifyInstance, { logger, metrics, tracing }: Observer): void => {
  instance.addHook('onRequest', (request, reply, done) => {
    const span = tracing.begin({ name: request.method, kind: 'server', traceparent: single(request.headers['traceparent']) ?? '' });
    spans.set(request, span);
    reply.raw.setHeader('traceparent', traceparent(span.trace)); // on the raw response: what the OpenID provider answers carries it too
    withTrace(span.trace, done);
  });
  // Reading the body loses the asynchronous context: take it up again before guards and handlers run.
  instance.addHook('preHandler', (request, _reply, done) => withTrace(spans.get(request)?.trace ?? traceFrom(undefined), done));
  instance.addHook('onResponse', (request, reply, done) => {
    const [route, { statusCode: status }] = [routeOf(request), reply];
    const code = codes.get(request);
    const span = spans.get(request);
    if (span) endSpan(span, { method: request.method, route, status, code });
    const level = route.startsWith('/health/') ? 'debug' : 'info'; // a gateway asks for it twice a second
    logger[level]({ traceId: span?.trace.traceId, method: request.method, route, status, ms: Math.round(reply.elapsedTime), code: code ?? 'OK' }, 'request');
    metrics.observe('kendt_http_request_seconds', { method: request.method, route, status: `${Math.floor(status / 100)}xx` }, reply.elapsedTime / 1000);
    if (code) metrics.add('kendt_http_problems_total', { code });
    done();
  });
};

const endSpan = (span: OpenSpan, { method, route, status, code }: { method: string; route: string; status: number; code: string | undefined }): void => {
  span.rename(`${method} ${route}`);
  span.setAttribute('http.request.method', method);
  span.setAttribute('http.route', route);
  span.setAttribute('http.response.status_code', status);
  if (code) span.setAttribute('kendt.code', code);
  if (status >= 500) span.failed();
  span.end();
};

const rawRoutes = new WeakMap<FastifyRequest, string>();
export const rememberRoute = (request: FastifyRequest, route: string): void => void rawRoutes.set(request, route);
const routeOf = (request: FastifyRequest): string => rawRoutes.get(request) ?? request.routeOptions.url ?? '(none)';
const single = (value: string | string[] | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
