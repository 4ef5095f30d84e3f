import { Metadata, status } from '@grpc/grpc-js';
import type { Problem } from '../problems/problem.js';

export interface GrpcError {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.FAILED_PRECONDITION,
  410: status.NOT_FOUND,
  413: status.RESOURCE_EXHAUSTED,
  422: status.INVALID_ARGUMENT,
  425: status.UNAVAILABLE,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
};

/** The same problem for gRPC: the code stands in the message and in the trailing metadata `kendt-code`. */
export const grpcError = ({ status: httpStatus, code, detail, options }: Problem): GrpcError => {
  const metadata = new Metadata();
  metadata.set('kendt-code', code);
  for (const { pointer, detail: mistake } of options.errors ?? []) metadata.add('kendt-error', encodeURI(`${pointer} ${mistake}`));
  return { code: codes[httpStatus] ?? status.INTERNAL, details: detail ? `${code}: ${detail}` : code, metadata };
};
