import type { IncomingMessage } from 'node:http';
import type { Config, RawHandler } from '@kendt/nest';
import type { OidcProviders } from './oidc.providers.js';

/** What the provider answers itself; the login page and the account pages are ours. */
export const oidcPrefixes = ['/oidc', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

/** The provider makes addresses from the request: it is given our public one, so that no Host header can forge a link. */
export const atPublicUrl = <T extends IncomingMessage>(request: T, { publicUrl }: Pick<Config, 'publicUrl'>): T => {
  const { host, protocol } = new URL(publicUrl);
  request.headers['x-forwarded-host'] = host;
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  request.headers.host = host;
  return request;
};

export const oidcHandler =
  (providers: Pick<OidcProviders, 'handle'>, config: Pick<Config, 'publicUrl'>): RawHandler =>
  (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff'); // helmet's headers stay on the reply that was hijacked
    response.setHeader('referrer-policy', 'no-referrer');
    if (config.publicUrl.startsWith('https://')) response.setHeader('strict-transport-security', 'max-age=31536000');
    void providers.handle(atPublicUrl(request, config), response);
  };
