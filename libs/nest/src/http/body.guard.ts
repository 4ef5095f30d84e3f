import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Csrf } from '../pages/csrf.js';
import { PAGE } from '../pages/page.decorator.js';
import { Problem } from '../problems/problem.js';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Forms are for pages, with their token; JSON is for the interface. Neither passes for the other (CSRF). */
@Injectable()
export class BodyGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(Csrf) private readonly csrf: Csrf,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (safe.has(request.method)) return true;
    const isPage = this.reflector.getAllAndOverride<boolean | undefined>(PAGE, [context.getHandler(), context.getClass()]) ?? false;
    if (isPage) this.csrf.check(request);
    else if (isForm(request)) throw new Problem(415, 'CONTENT_TYPE_UNSUPPORTED', 'The body must be application/json');
    return true;
  }
}

const isForm = ({ headers }: FastifyRequest): boolean => /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
