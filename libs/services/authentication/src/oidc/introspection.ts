import { apiAudience } from '@kendt/contracts';
import type { Directory } from '@kendt/nest';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Customers } from '../customers/customers.js';
import { accountClientId } from './oidc.clients.js';

type Next = () => Promise<void>;

interface Token {
  readonly clientId?: string | undefined;
  readonly accountId?: string;
  readonly grantId?: string | undefined;
  readonly iat?: number;
  readonly iiat?: number;
}

/** Whose tokens a client may ask about: its own brand's; a client without a brand serves the group. */
export const mayIntrospect = (directory: Directory, askingId: string, token: Pick<Token, 'clientId'>): boolean => {
  const asking = directory.client(askingId);
  const owner = directory.client(token.clientId ?? '');
  return Boolean(asking && owner) && (asking?.id === owner?.id || asking?.brandId === undefined || asking.brandId === owner?.brandId);
};

/** True while customer, sessions and grant behind a token stand. */
export const isAlive = async (provider: Provider, customers: Customers, token: Token): Promise<boolean> => {
  if (token.accountId === undefined) return true;
  const [grant, customer] = await Promise.all([
    token.grantId ? provider.Grant.find(token.grantId) : undefined,
    customers.usable(token.accountId, token.iiat ?? token.iat),
  ]);
  return customer !== undefined && grant?.accountId === token.accountId && grant.clientId === token.clientId;
};

/**
 * oidc-provider refuses to introspect JWTs, once it has authenticated the client (shared/reject_structured_tokens.js comes
 * after shared/client_auth.js). That refusal is turned into the true answer here (RFC 7662).
 */
export const introspectJwts = (provider: Provider, directory: Directory, customers: Customers) =>
  async (ctx: KoaContextWithOIDC, next: Next): Promise<void> => {
    await next();
    const oidc = ctx.oidc as KoaContextWithOIDC['oidc'] | undefined;
    if (oidc?.route !== 'introspection' || (ctx.body as { error?: string } | undefined)?.error !== 'unsupported_token_type') return;
    ctx.status = 200;
    ctx.body = await introspected(provider, directory, customers, String(oidc.params?.['token']), oidc.client?.clientId ?? accountClientId);
  };

const introspected = async (provider: Provider, directory: Directory, customers: Customers, value: string, askingId: string): Promise<object> => {
  const token = (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value));
  if (!token || !mayIntrospect(directory, askingId, token) || !(await isAlive(provider, customers, token))) return { active: false };
  const sub = 'accountId' in token ? token.accountId : token.clientId;
  const { clientId, scope, iat, exp, jti, extra } = token;
  return { active: true, iss: provider.issuer, sub, aud: apiAudience, client_id: clientId, scope, iat, exp, jti, token_type: 'Bearer', ...extra };
};
