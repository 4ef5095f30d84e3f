import { applyDecorators, Header, HttpCode, SetMetadata } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiExcludeEndpoint } from '../docs/described.js';

export const PAGE = 'kendt:page';

/**
 * The method answers with a page (`return page({...})`) or `return seeOther(reply, url)`. Its forms are checked for their token (`csrf.field`), nothing
 * is kept in caches, and it does not appear in the OpenAPI document.
 */
export const Page = (): MethodDecorator =>
  applyDecorators(SetMetadata(PAGE, true), HttpCode(200), Header('content-type', 'text/html; charset=utf-8'), Header('cache-control', 'no-store'), ApiExcludeEndpoint());

/** After a form: the browser goes on with a GET (RFC 9110, 15.4.4), so that reloading sends nothing twice. */
export const seeOther = (reply: FastifyReply, url: string): '' => {
  reply.code(303).header('location', url);
  return '';
};
