import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { callKey } from '../http/call.js';

/** Who asks, as the access token says. */
export interface Caller {
  readonly kind: 'client' | 'customer';
  readonly clientId: string;
  /** Of a customer's own token. */
  readonly customerId?: string;
  /** When the token was issued, in seconds since 1970. */
  readonly issuedAt?: number;
  /** The brand that the client acts for. */
  readonly brand?: string;
  readonly channel?: string;
  readonly scopes: readonly string[];
}

const callers = new WeakMap<object, Caller>();

export const rememberCaller = (context: ExecutionContext, caller: Caller): void => void callers.set(callKey(context), caller);
export const callerOf = (context: ExecutionContext): Caller | undefined => callers.get(callKey(context));

/** The caller of a REST or gRPC method that carries `@Scopes(...)`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(context);
  if (!caller) throw new Error('@CurrentCaller() stands on an open route: there is no caller');
  return caller;
});
