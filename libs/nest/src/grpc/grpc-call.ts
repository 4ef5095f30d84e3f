import type { ServerUnaryCall } from '@grpc/grpc-js';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** The call itself: what `positioned` writes to, and what says that a caller has gone. */
export const GrpcCall = createParamDecorator((_: unknown, context: ExecutionContext) => context.getArgByIndex<ServerUnaryCall<unknown, unknown>>(2));
