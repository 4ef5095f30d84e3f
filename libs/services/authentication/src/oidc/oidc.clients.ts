import { join } from 'node:path';
import { loginScopes } from '@kendt/contracts';
import type { Config, Directory, ListedClient, Secrets } from '@kendt/nest';
import { resolveReference } from '@kendt/nest';
import type { AdapterPayload } from 'oidc-provider';

/** The account pages are a client of their own provider: they want a session, and no token. */
export const accountClientId = 'kendt-account';

const login: ReadonlySet<string> = new Set(loginScopes);

/** Of a customer's sign-in. What a client may do by itself is not a customer's to give. */
export const loginScopesOf = ({ scopes }: Pick<ListedClient, 'scopes'>): string[] => scopes.filter((scope) => login.has(scope));

/** Of the client itself (client credentials). */
export const apiScopesOf = ({ scopes }: Pick<ListedClient, 'scopes'>): string[] => scopes.filter((scope) => !login.has(scope));

/** Clients as the OpenID provider wants them, made anew from the directory at every look: a change holds at once. */
export class OidcClients {
  constructor(
    private readonly directory: Directory,
    private readonly config: Pick<Config, 'publicUrl' | 'secretsDir'>,
    private readonly secrets: Secrets,
  ) {}

  find(clientId: string): AdapterPayload | undefined {
    if (clientId === accountClientId) return accountClient(this.config.publicUrl);
    const client = this.directory.client(clientId);
    const secret = client && this.#secretOf(client);
    return client && secret ? metadata(client, secret) : undefined;
  }

  /** A file is read at every look, so that a new secret holds without a restart; it lies in the folder of secrets. */
  #secretOf({ id, secret }: ListedClient): string | undefined {
    const [kind, target] = [secret.slice(0, secret.indexOf(':')), secret.slice(secret.indexOf(':') + 1)];
    try {
      return resolveReference(kind === 'file' ? `file:${join(this.config.secretsDir, target)}` : secret, process.env);
    } catch {
      return secret === `file:clients/${id}` ? this.secrets.clients[id] : undefined;
    }
  }
}

const accountClient = (publicUrl: string): AdapterPayload => ({
  client_id: accountClientId,
  client_name: 'Kendt',
  token_endpoint_auth_method: 'none',
  grant_types: [],
  response_types: ['none'],
  redirect_uris: [`${publicUrl}/account`],
  post_logout_redirect_uris: [`${publicUrl}/account/signed-out`],
  scope: 'openid',
});

const metadata = (client: ListedClient, secret: string): AdapterPayload => {
  const signsIn = client.grants.includes('authorization_code');
  const scope = loginScopesOf(client).join(' ');
  return {
    client_id: client.id,
    client_name: client.name,
    client_secret: secret,
    grant_types: [...client.grants],
    response_types: signsIn ? ['code'] : [],
    redirect_uris: signsIn ? [...client.redirectUris] : [],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    ...(scope && { scope }),
  };
};
