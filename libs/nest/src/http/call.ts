import type { IncomingHttpHeaders } from 'node:http';
import type { Metadata } from '@grpc/grpc-js';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** What stands for one request while it lasts: the HTTP request, or the metadata of the gRPC call. */
export const callKey = (context: ExecutionContext): object =>
  context.getType() === 'rpc' ? context.switchToRpc().getContext<Metadata>() : context.switchToHttp().getRequest<FastifyRequest>();

export interface HeaderSource {
  readonly headers: IncomingHttpHeaders;
}

/** One header of a REST request or one entry of gRPC metadata; several count as none. */
export const headerOf = (source: HeaderSource | Metadata, name: string): string | undefined => {
  if ('headers' in source) {
    const value = source.headers[name];
    return typeof value === 'string' ? value : undefined;
  }
  const values = source.get(name);
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : undefined;
};

/** The same, from whichever kind of call this is. */
export const header = (context: ExecutionContext, name: string): string | undefined => headerOf(callKey(context) as HeaderSource | Metadata, name);
