import { join } from 'node:path';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { IdentityProvider, Installation } from '@kendt/contracts';
import { type Config, CONFIG, INSTALLATION, resolveReference } from '@kendt/nest';
import type { ExternalRoute } from './external-identity.js';
import { facebookRoute, type FacebookUrls } from './facebook.route.js';
import { openIdRoute } from './openid.route.js';

/** Where Meta answers; only a test has another place. */
export const FACEBOOK_URLS = Symbol('FACEBOOK_URLS');

/** Where a customer may already have an identity: Meta, or anybody who speaks OpenID Connect. */
@Injectable()
export class IdentityProviders {
  readonly #routes = new Map<string, ExternalRoute>();

  constructor(
    @Inject(INSTALLATION) private readonly installation: Pick<Installation, 'identityProviders'>,
    @Inject(CONFIG) private readonly config: Config,
    @Optional() @Inject(FACEBOOK_URLS) private readonly facebookUrls?: FacebookUrls,
  ) {}

  list(): readonly IdentityProvider[] {
    return this.installation.identityProviders;
  }

  named(id: string): IdentityProvider | undefined {
    return this.list().find((provider) => provider.id === id);
  }

  route(provider: IdentityProvider): ExternalRoute {
    const route = this.#routes.get(provider.id) ?? this.#newRoute(provider);
    this.#routes.set(provider.id, route);
    return route;
  }

  #newRoute(provider: IdentityProvider): ExternalRoute {
    const clientSecret = this.#secret(provider.clientSecret);
    if (provider.kind === 'oidc') return openIdRoute({ ...provider, clientSecret });
    return facebookRoute({ ...provider, clientSecret, ...(this.facebookUrls && { urls: this.facebookUrls }) });
  }

  /** Files lie in the folder of secrets. */
  #secret(reference: string): string {
    const path = reference.startsWith('file:') ? `file:${join(this.config.secretsDir, reference.slice('file:'.length))}` : reference;
    return resolveReference(path, process.env);
  }
}
