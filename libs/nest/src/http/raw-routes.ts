import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { rememberRoute } from './request-log.js';

export type RawHandler = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** Handlers that read their own bodies and write raw responses: the OpenID provider, passport strategies that redirect. */
@Injectable()
export class RawRoutes {
  readonly #routes: { readonly prefix: string; readonly handler: RawHandler }[] = [];

  /** The url stays whole: nothing is stripped from it. Call it in `onModuleInit`. */
  add(prefixes: readonly string[], handler: RawHandler): void {
    for (const prefix of prefixes) this.#routes.push({ prefix, handler });
  }

  listen(instance: FastifyInstance): void {
    instance.addHook('onRequest', (request, reply, done) => {
      const path = request.url.replace(/[?#].*$/s, '');
      const route = this.#routes.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
      if (!route) return done();
      rememberRoute(request, `${route.prefix}/*`);
      reply.hijack();
      route.handler(request.raw, reply.raw, () => {
        if (!reply.raw.headersSent) reply.raw.writeHead(404, { 'content-type': 'application/problem+json' });
        reply.raw.end();
      });
    });
  }
}
