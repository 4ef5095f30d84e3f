import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiBearerAuth, ApiParam } from '../docs/described.js';
import { notFound } from '../problems/problem.js';
import { type Caller, callerOf } from './caller.js';

export const SCOPES = 'kendt:scopes';
export const PUBLIC = 'kendt:public';
export const OWN_ACCOUNT = 'kendt:own-account';

/** The token must carry one of these. A route with neither this nor `@Public()` stops the start. */
export const Scopes = (...scopes: readonly [string, ...string[]]): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(SCOPES, scopes), ApiBearerAuth());

/** Open to everybody: no token is asked for, and none is looked at. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(PUBLIC, true);

/**
 * A customer's own token (scope `account`) will do as well. The method must touch nothing but what belongs to that customer:
 * `ownCustomerId(caller, id)` sees to it. Comes with `@CustomerIdParam()`.
 */
export const OwnAccount = (): MethodDecorator => SetMetadata(OWN_ACCOUNT, true);

const idShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The customer that is meant: `me` is the customer of the token. Any other customer's id from a customer, `me` from a
 * client, and what is no id at all is NOT_FOUND alike, so that nothing can be learnt from the answer.
 */
export const ownCustomerId = (caller: Caller | undefined, id: string): string => {
  if (caller?.kind === 'customer') {
    if (caller.customerId && (id === 'me' || id === caller.customerId)) return caller.customerId;
    throw notFound();
  }
  if (!idShape.test(id)) throw notFound();
  return id;
};

const customerIdOf = createParamDecorator((name: string, context: ExecutionContext): string => {
  const params = context.switchToHttp().getRequest<FastifyRequest>().params as Record<string, string>;
  return ownCustomerId(callerOf(context), params[name] ?? '');
});

/** The customer's id from the path, `me` resolved. Opens the route to the customer's own token. */
export const CustomerIdParam =
  (name = 'id'): ParameterDecorator =>
  (target, key, index) => {
    customerIdOf(name)(target, key, index);
    const descriptor = key === undefined ? undefined : Object.getOwnPropertyDescriptor(target, key);
    if (key === undefined || !descriptor) throw new Error('@CustomerIdParam() belongs on a parameter of a method');
    OwnAccount()(target, key, descriptor);
    ApiParam({ name, schema: { type: 'string' }, description: 'The customer\'s id, or `me` with a customer\'s own token' })(target, key, descriptor);
  };
