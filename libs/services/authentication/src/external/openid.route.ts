import * as client from 'openid-client';
import type { ExternalIdentity, ExternalRoute } from './external-identity.js';

interface OpenIdProvider {
  readonly id: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

const isLoopback = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);

/** Any OpenID Connect provider: code flow with PKCE, state and nonce. What it is like is asked when it is first needed. */
export const openIdRoute = (provider: OpenIdProvider): ExternalRoute => {
  let discovered: Promise<client.Configuration> | undefined;
  const configuration = (): Promise<client.Configuration> => {
    discovered ??= discover(provider).catch((error: unknown) => {
      discovered = undefined; // a provider that was away is asked again
      throw error;
    });
    return discovered;
  };
  return {
    begin: async (state, callbackUrl) => {
      const keep = { verifier: client.randomPKCECodeVerifier(), nonce: client.randomNonce() };
      const asked = {
        redirect_uri: callbackUrl,
        scope: provider.scopes.join(' '),
        state,
        nonce: keep.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(keep.verifier),
        code_challenge_method: 'S256',
      };
      return { url: client.buildAuthorizationUrl(await configuration(), asked).href, keep };
    },
    finish: async (answer, state, { verifier = '', nonce = '' }) => {
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
      const tokens = await client.authorizationCodeGrant(await configuration(), answer, checks);
      const claims = tokens.claims();
      if (!claims) throw new Error('The provider sent no ID token');
      const more = claims['email'] === undefined ? await userInfo(await configuration(), tokens.access_token, claims.sub) : {};
      return toIdentity(provider.id, { ...more, ...claims });
    },
  };
};

const discover = ({ issuer, clientId, clientSecret }: OpenIdProvider): Promise<client.Configuration> => {
  const url = new URL(issuer);
  return client.discovery(url, clientId, clientSecret, undefined, isLoopback(url) ? { execute: [client.allowInsecureRequests] } : {});
};

/** Core 1.0, 5.4: claims of a scope may come from userinfo only. */
const userInfo = async (configuration: client.Configuration, token: string, subject: string): Promise<Readonly<Record<string, unknown>>> =>
  configuration.serverMetadata().userinfo_endpoint ? client.fetchUserInfo(configuration, token, subject) : {};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined);

const toIdentity = (provider: string, claims: Readonly<Record<string, unknown>>): ExternalIdentity => {
  const [subject, email, given, family] = [text(claims['sub']), text(claims['email']), text(claims['given_name']), text(claims['family_name'])];
  if (!subject) throw new Error('The provider sent no subject');
  return { provider, subject, emailVerified: claims['email_verified'] === true, ...(email && { email }), ...(given && family && { name: { given, family } }) };
};
