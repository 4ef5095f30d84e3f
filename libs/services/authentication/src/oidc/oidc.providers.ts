import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TokenKey, TokenKeys } from '@kendt/nest';
import type { Provider } from 'oidc-provider';

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Made {
  readonly keys: readonly TokenKey[];
  readonly provider: Provider;
  readonly handle: Handle;
}

/**
 * The OpenID provider takes its keys when it is made, so it is made anew when they change. Nothing is lost with the old one: whatever
 * must be remembered lies in the store, where every process finds it.
 */
export class OidcProviders {
  #made: Made | undefined;

  constructor(
    private readonly tokenKeys: Pick<TokenKeys, 'current'>,
    private readonly make: (keys: readonly TokenKey[]) => Provider,
  ) {}

  get current(): Provider {
    return this.#upToDate().provider;
  }

  get handle(): Handle {
    return this.#upToDate().handle;
  }

  #upToDate(): Made {
    const keys = this.tokenKeys.current();
    if (this.#made?.keys !== keys) {
      const provider = this.make(keys);
      this.#made = { keys, provider, handle: provider.callback() as Handle };
    }
    return this.#made;
  }
}
