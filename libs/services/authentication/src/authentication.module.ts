import { type DynamicModule, Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { type Config, CONFIG, Followers, RawRoutes } from '@kendt/nest';
import { AccountController } from './account/account.controller.js';
import { HomeController } from './account/home.controller.js';
import { AnswerOnAccountHandler, AskForErasureHandler, SignOutEverywhereHandler } from './account/account.handlers.js';
import { AccountSessions } from './account/account-sessions.js';
import { Accounts } from './account/accounts.js';
import { Customers } from './customers/customers.js';
import { SignIns } from './customers/sign-ins.js';
import { ExternalController } from './external/external.controller.js';
import { ExternalCustomers } from './external/external-customers.js';
import type { FacebookUrls } from './external/facebook.route.js';
import { FACEBOOK_URLS, IdentityProviders } from './external/identity-providers.js';
import { Interactions } from './login/interactions.js';
import { LoginController } from './login/login.controller.js';
import { PasswordGuard, PasswordStrategy } from './login/password.guard.js';
import { Passwords } from './login/passwords.js';
import { endSessions } from './oidc/end-sessions.js';
import { oidcProviders, oidcStore } from './oidc/oidc.provider.js';
import { OidcProviders } from './oidc/oidc.providers.js';
import { oidcHandler, oidcPrefixes } from './oidc/oidc.raw.js';
import { OidcStore } from './oidc/oidc.store.js';

/** Who is who: the OpenID provider, its login page, and the customer's own pages. */
@Module({
  imports: [CqrsModule],
  controllers: [LoginController, ExternalController, AccountController, HomeController],
  providers: [
    Customers,
    SignIns,
    oidcStore,
    oidcProviders,
    Interactions,
    Passwords,
    PasswordStrategy,
    PasswordGuard,
    IdentityProviders,
    ExternalCustomers,
    AccountSessions,
    Accounts,
    AnswerOnAccountHandler,
    SignOutEverywhereHandler,
    AskForErasureHandler,
  ],
})
export class AuthenticationModule implements OnModuleInit {
  constructor(
    @Inject(OidcProviders) private readonly providers: OidcProviders,
    @Inject(OidcStore) private readonly store: OidcStore,
    @Inject(RawRoutes) private readonly rawRoutes: RawRoutes,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** For tests: Meta's three addresses elsewhere. */
  static withFacebookAt(urls: FacebookUrls): DynamicModule {
    return { module: AuthenticationModule, providers: [{ provide: FACEBOOK_URLS, useValue: urls }] };
  }

  onModuleInit(): void {
    this.rawRoutes.add(oidcPrefixes, oidcHandler(this.providers, this.config));
    this.followers.add(endSessions(this.store), { lease: 'authentication' });
  }
}
