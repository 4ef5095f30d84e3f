import { applyDecorators, Header, SetMetadata } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';

export const PAGE = 'kendt:page';

/**
 * The method answers with a page (`return page({...})`) or redirects. Its forms are checked for their token (`csrf.field`), nothing
 * is kept in caches, and it does not appear in the OpenAPI document.
 */
export const Page = (): MethodDecorator =>
  applyDecorators(SetMetadata(PAGE, true), Header('content-type', 'text/html; charset=utf-8'), Header('cache-control', 'no-store'), ApiExcludeEndpoint());
