import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { header } from '../http/call.js';
import { Problem } from '../problems/problem.js';
import { CUSTOMER_STATUS, type CustomerStatus } from '../tokens.js';
import { AccessTokens } from './access-tokens.js';
import { type Caller, rememberCaller } from './caller.js';
import { OWN_ACCOUNT, PUBLIC, SCOPES } from './scopes.js';
import { tokenInvalid } from './token.problems.js';

/** Lets in who carries a valid token with one of the route's scopes. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(CUSTOMER_STATUS) private readonly customerStatus: CustomerStatus,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const on = [context.getHandler(), context.getClass()];
    const scopes = this.reflector.getAllAndOverride<readonly string[] | undefined>(SCOPES, on);
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, on) && !this.#ownScopes(context)) return true;
    const caller = await this.tokens.verify(header(context, 'authorization'));
    await this.#refuseUnlessActive(caller);
    refuseUnlessAllowed(caller, scopes ?? [], this.reflector.get<boolean | undefined>(OWN_ACCOUNT, context.getHandler()) ?? false);
    rememberCaller(context, caller);
    return true;
  }

  /** `@Scopes` on a method closes it, whatever stands on the class. */
  #ownScopes(context: ExecutionContext): boolean {
    return this.reflector.get<readonly string[] | undefined>(SCOPES, context.getHandler()) !== undefined;
  }

  /** The token of a customer who is suspended, frozen, erased or signed out everywhere is dead at once, however long it was meant to live. */
  async #refuseUnlessActive({ kind, customerId, issuedAt }: Caller): Promise<void> {
    if (kind === 'customer' && !(customerId && (await this.customerStatus(customerId, issuedAt)))) throw tokenInvalid();
  }
}

const refuseUnlessAllowed = (caller: Caller, scopes: readonly string[], ownAccount: boolean): void => {
  const wanted = caller.kind === 'customer' ? (ownAccount ? ['account'] : []) : scopes;
  if (wanted.some((scope) => caller.scopes.includes(scope))) return;
  throw new Problem(403, 'SCOPE_MISSING', `This needs the scope ${wanted.join(' or ') || 'of a client'}`, {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope"${wanted.length > 0 ? `, scope="${wanted.join(' ')}"` : ''}` },
  });
};
