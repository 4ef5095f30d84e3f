import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Customers, type KnownCustomer } from '../customers/customers.js';
import { OidcProviders } from '../oidc/oidc.providers.js';
import { asRefusal } from '../oidc/unavailable.js';

export type AccountSession =
  | { readonly status: 'none' }
  /** There was a session, of somebody whose account can no longer be used; it is ended now. */
  | { readonly status: 'closed' }
  | { readonly status: 'open'; readonly customer: KnownCustomer };

/** The account pages have no session of their own: they look at the provider's. */
@Injectable()
export class AccountSessions {
  constructor(
    @Inject(OidcProviders) private readonly providers: OidcProviders,
    @Inject(Customers) private readonly customers: Customers,
  ) {}

  async of(request: FastifyRequest, reply: FastifyReply): Promise<AccountSession> {
    const provider = this.providers.current;
    const session = await provider.Session.get(provider.createContext(request.raw, reply.raw)).catch((error: unknown) => {
      throw asRefusal(error);
    });
    if (!session.accountId) return { status: 'none' };
    const customer = await this.customers.usable(session.accountId, session.loginTs);
    if (customer) return { status: 'open', customer };
    await session.destroy();
    this.forgetCookie(reply);
    return { status: 'closed' };
  }

  forgetCookie(reply: FastifyReply): void {
    const name = this.providers.current.cookieName('session');
    reply.clearCookie(name, { path: '/' }).clearCookie(`${name}.sig`, { path: '/' });
  }
}
