import type { FastifyReply, FastifyRequest } from 'fastify';

export interface Paged<T> {
  readonly body: T;
  /** Cursor of the page after this one. */
  readonly next?: string | undefined;
}

/** `Link: <…>; rel="next"` (RFC 8288) with everything that was asked, and where to go on. */
export const nextLink = (url: string, cursor: string): string => {
  const address = new URL(url, 'http://kendt.invalid');
  address.searchParams.set('cursor', cursor);
  return `<${address.pathname}${address.search}>; rel="next"`;
};

export const answerPage = <T>({ body, next }: Paged<T>, request: Pick<FastifyRequest, 'url'>, reply: Pick<FastifyReply, 'header'>): T => {
  if (next !== undefined) reply.header('link', nextLink(request.url, next));
  return body;
};
