import { type ExecutionContext, SetMetadata } from '@nestjs/common';

const ASKS_ONLY = 'kendt:asks-only';

/**
 * The method answers a question, though it is a POST or a gRPC call. An Idempotency-Key means nothing to it: what it answers is
 * not kept, so that nobody gets a customer's data again after they were erased, or unseen.
 */
export const AsksOnly = (): MethodDecorator => SetMetadata(ASKS_ONLY, true);

export const asksOnly = (context: ExecutionContext): boolean => Reflect.getMetadata(ASKS_ONLY, context.getHandler()) === true;
