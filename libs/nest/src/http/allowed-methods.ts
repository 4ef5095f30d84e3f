import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

interface Route {
  readonly method: string;
  readonly parts: readonly string[];
}

/** Which methods a path has; gathered while routes are registered. */
@Injectable()
export class AllowedMethods {
  readonly #routes: Route[] = [];

  listen(instance: FastifyInstance): void {
    instance.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) this.#routes.push({ method: each, parts: url.split('/') });
    });
  }

  at(url: string): readonly string[] {
    const parts = url.replace(/[?#].*$/s, '').split('/');
    return [...new Set(this.#routes.filter((route) => matches(route.parts, parts)).map(({ method }) => method))].sort();
  }
}

const matches = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.length === parts.length && pattern.every((part, n) => (part.startsWith(':') ? parts[n] !== '' : part === parts[n]));
