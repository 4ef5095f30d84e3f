import { Inject, Injectable } from '@nestjs/common';
import type { IdentityProvider, Installation } from '@kendt/contracts';
import { INSTALLATION } from '@kendt/nest';

/** Where a customer may already have an identity: Meta, or anybody who speaks OpenID Connect. */
@Injectable()
export class IdentityProviders {
  constructor(@Inject(INSTALLATION) private readonly installation: Pick<Installation, 'identityProviders'>) {}

  list(): readonly IdentityProvider[] {
    return this.installation.identityProviders;
  }

  named(id: string): IdentityProvider | undefined {
    return this.list().find((provider) => provider.id === id);
  }
}
