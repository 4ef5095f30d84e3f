import { createHmac } from 'node:crypto';
import { apiAudience } from '@kendt/contracts';
import type { Clock, Views } from '@kendt/eventsourcing';
import { CLOCK, type Config, CONFIG, Directory, LOGGER, type Secrets, SECRETS, stackFrames, TOKEN_KEYS, type TokenKey, type TokenKeys, tokensLiveFor, verifierOf, VIEWS } from '@kendt/nest';
import { type Adapter, type Configuration, errors, type KoaContextWithOIDC, Provider, type ResourceServer } from 'oidc-provider';
import type { Logger } from 'pino';
import { Customers, type KnownCustomer } from '../customers/customers.js';
import { SignIns } from '../customers/sign-ins.js';
import { checkedTokens } from './access-token.store.js';
import { answerAway, noteAway } from './away.js';
import { introspectJwts, isAlive, mayIntrospect } from './introspection.js';
import { apiScopesOf, loginScopesOf, OidcClients } from './oidc.clients.js';
import { errorPage, logoutPage, pagesWithoutScript, signedOutPage } from './oidc.pages.js';
import { grantFor, policy } from './oidc.policy.js';
import { OidcProviders } from './oidc.providers.js';
import { OidcStore } from './oidc.store.js';
import { SealedDocuments } from './sealed-documents.js';

const minute = 60;
const day = 24 * 3600;

export const oidcStore = {
  provide: OidcStore,
  inject: [VIEWS, CLOCK, SECRETS],
  useFactory: (views: Views, clock: Clock, secrets: Secrets) => new OidcStore(views, clock, new SealedDocuments(secrets.cookieKey)),
};

interface Parts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly tokenKeys: TokenKeys;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly customers: Customers;
  readonly signIns: SignIns;
  readonly store: OidcStore;
}

export const oidcProviders = {
  provide: OidcProviders,
  inject: [CONFIG, SECRETS, TOKEN_KEYS, CLOCK, Directory, Customers, SignIns, OidcStore, LOGGER],
  useFactory: (
    config: Config, secrets: Secrets, tokenKeys: TokenKeys, clock: Clock, directory: Directory, customers: Customers, signIns: SignIns, store: OidcStore, logger: Logger,
  ): OidcProviders => {
    const parts = { config, secrets, tokenKeys, clock, directory, customers, signIns, store };
    return new OidcProviders(tokenKeys, (keys) => providerOf(parts, keys, logger));
  },
};

const providerOf = (parts: Parts, keys: readonly TokenKey[], logger: Logger): Provider => {
  const { config, directory, customers } = parts;
  const provider = new Provider(config.publicUrl, configuration(parts, keys));
  provider.proxy = true; // the raw handler tells it our public address in these headers, whatever the caller has sent
  const report = (error: unknown): void => logger.error({ error: (error as Error).name, stack: stackFrames(error) }, 'The OpenID provider failed');
  (provider as NodeJS.EventEmitter).on('error', report); // without a listener Koa prints the whole error
  provider.on('server_error', (ctx, error) => {
    noteAway(ctx, error);
    report(error);
  });
  provider.use(answerAway as never);
  provider.use(pagesWithoutScript as never);
  provider.use(introspectJwts(provider, directory, customers) as never);
  return provider;
};

const configuration = (parts: Parts, keys: readonly TokenKey[]): Configuration => ({
  adapter: adapterOf(parts),
  jwks: { keys: keys.map(({ signsFrom: _from, endsAt: _end, ...key }) => key) }, // it signs with the first
  cookies: {
    names: { session: 'kendt-session', interaction: 'kendt-login', resume: 'kendt-resume' },
    keys: [createHmac('sha256', parts.secrets.cookieKey).update('oidc cookies').digest('base64url')],
    long: { httpOnly: true, sameSite: 'lax', path: '/', signed: true },
    short: { httpOnly: true, sameSite: 'lax', signed: true },
  },
  routes: {
    authorization: '/oidc/auth',
    end_session: '/oidc/session/end',
    introspection: '/oidc/introspection',
    jwks: '/oidc/jwks',
    revocation: '/oidc/revocation',
    token: '/oidc/token',
    userinfo: '/oidc/userinfo',
  },
  ttl: {
    AccessToken: 5 * minute,
    AuthorizationCode: minute,
    ClientCredentials: 5 * minute,
    Grant: 90 * day, // the most that a chain of refresh tokens lasts
    IdToken: tokensLiveFor / 1000, // the longest of what is signed: a key that is replaced is kept for as long
    Interaction: 30 * minute,
    RefreshToken: 14 * day,
    Session: 14 * day,
  },
  ...protocol,
  ...accounts(parts),
  interactions: { policy: policy(parts.signIns), url: (_ctx, interaction) => `/login/${interaction.uid}` },
  features: features(parts),
  renderError: (ctx, out) => errorPage(ctx, out),
});

const protocol: Configuration = {
  responseTypes: ['code', 'none'],
  scopes: ['openid', 'profile', 'email', 'phone', 'offline_access', 'account'],
  claims: {
    openid: ['sub', 'brand'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name'],
    phone: ['phone_number'],
  },
  pkce: { required: () => true },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  conformIdTokenClaims: false,
  rotateRefreshToken: true, // the library revokes the whole grant when a used one comes back (actions/grants/refresh_token.js)
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  clientBasedCORS: () => false, // clients are servers: no browser asks for tokens
};

const accounts = ({ customers, directory }: Parts): Configuration => ({
  findAccount: async (ctx, sub, token) => {
    const since = token === undefined ? ctx.oidc.session?.loginTs : 'iiat' in token && typeof token.iiat === 'number' ? token.iiat : token.iat;
    const known = await customers.usable(sub, since);
    return known && { accountId: sub, claims: async () => claimsOf(known, brandOf(directory, ctx)) };
  },
  loadExistingGrant: grantFor(directory),
  extraTokenClaims: async (_ctx, token) => {
    const client = directory.client(token.clientId ?? '');
    const grantId = 'grantId' in token ? token.grantId : undefined;
    return { ...(client?.brandId && { brand: client.brandId }), ...(client && { channel: client.channel }), ...(grantId && { grant_id: grantId }) };
  },
});

const brandOf = (directory: Directory, ctx: KoaContextWithOIDC): string | undefined => directory.client(ctx.oidc.client?.clientId ?? '')?.brandId;

const claimsOf = ({ customerId, state, contact }: KnownCustomer, brand: string | undefined) => ({
  sub: customerId,
  ...(brand && { brand }),
  ...(contact?.email && { email: contact.email, email_verified: state.status === 'active' && state.emailVerified }),
  ...(contact?.name && { name: `${contact.name.given} ${contact.name.family}`, given_name: contact.name.given, family_name: contact.name.family }),
  ...(contact?.phone && { phone_number: contact.phone }),
});

const features = ({ directory, customers }: Parts): NonNullable<Configuration['features']> => ({
  devInteractions: { enabled: false },
  clientCredentials: { enabled: true },
  revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => client.clientId === token.clientId },
  introspection: {
    enabled: true,
    allowedPolicy: async (ctx, client, token) => mayIntrospect(directory, client.clientId, token) && isAlive(ctx.oidc.provider, customers, token),
  },
  rpInitiatedLogout: { enabled: true, logoutSource: logoutPage, postLogoutSuccessSource: signedOutPage },
  resourceIndicators: {
    enabled: true,
    defaultResource: async () => apiAudience,
    useGrantedResource: async () => true,
    getResourceServerInfo: async (ctx, indicator, client) => resourceServer(directory, indicator, client.clientId, ctx.oidc.params?.['grant_type']),
  },
});

/** A client's own token never carries a customer's scopes, and the other way round. */
const resourceServer = (directory: Directory, indicator: string, clientId: string, grantType: unknown): ResourceServer => {
  if (indicator !== apiAudience) throw new errors.InvalidTarget();
  const client = directory.client(clientId);
  const scopes = !client ? [] : grantType === 'client_credentials' ? apiScopesOf(client) : loginScopesOf(client);
  return { scope: scopes.join(' '), audience: apiAudience, accessTokenFormat: 'jwt', accessTokenTTL: 5 * minute, jwt: { sign: { alg: 'ES256' } } };
};

const adapterOf = ({ store, directory, config, secrets, tokenKeys, clock }: Parts): ((model: string) => Adapter) => {
  const clients = new OidcClients(directory, config, secrets);
  const keys = verifierOf(tokenKeys);
  return (model) => {
    if (model === 'Client') return { ...store.adapter(model), find: async (id) => clients.find(id) };
    if (model === 'AccessToken' || model === 'ClientCredentials') return checkedTokens(store.adapter(model), model, keys, config, clock);
    return store.adapter(model);
  };
};
