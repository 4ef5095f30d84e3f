import { chosenBy } from './choose.examples.js';
import { claim, claimStream, consent, consentStream, credential, credentialStream, customer, customerStream, login, loginStream, normaliseEmail } from '@kendt/domain';
import type { Installation } from '@kendt/contracts';
import { decision, type EventStore, handle, keyedLookup, randomId } from '@kendt/eventsourcing';
import { applyConfigFiles, currentEvents, generateSecrets, type Secrets } from '@kendt/nest';
import { memoryPorts, startTestService, type TestService, type TestServiceOptions } from '@kendt/nest/testing';
import { FormBrowser, type SeenPage } from '@kendt/testing';
import { hash } from '@node-rs/argon2';
import * as client from 'openid-client';
import { AuthenticationModule } from '../authentication.module.js';

const webScopes = ['openid', 'profile', 'email', 'offline_access', 'account', 'customers:register', 'customers:read', 'consents:read'] as const;

const webShop = (brand: string, name: string, port: number): Installation['clients'][number] => ({
  id: `${brand}-web`,
  name,
  brand,
  channel: 'web',
  grants: ['authorization_code', 'refresh_token', 'client_credentials'],
  scopes: [...webScopes],
  redirectUris: [`http://127.0.0.1:${port}/callback`],
  postLogoutRedirectUris: [`http://127.0.0.1:${port}/`],
});

export const installation: Installation = {
  group: { name: 'Nordhus Group' },
  brands: [
    { id: 'fjord', name: 'Fjord Møbler', look: 'fjord', contact: 'https://fjord.example/privacy' },
    { id: 'lund', name: 'Lund & Lys', look: 'lund', contact: 'https://lund.example/privacy' },
  ],
  clients: [
    webShop('fjord', 'Fjord Møbler, web shop', 3100),
    webShop('lund', 'Lund & Lys, web shop', 3200),
    { id: 'fjord-till', name: 'Fjord Møbler, tills', brand: 'fjord', channel: 'till', grants: ['client_credentials'], scopes: ['customers:find'], redirectUris: [], postLogoutRedirectUris: [] },
  ],
  purposes: [
    {
      id: 'personal-offers',
      title: { da: 'Personlige tilbud', en: 'Personal offers' },
      basis: 'consent',
      brands: ['fjord', 'lund'],
      notices: [
        { version: 1, texts: { da: 'Vi bruger dine køb.', en: 'We use your purchases.' } },
        { version: 2, texts: { da: 'Vi bruger alle dine køb.', en: 'We use all your purchases.' } },
      ],
    },
    { id: 'order-handling', title: { da: 'Ordrer', en: 'Handling your orders' }, basis: 'contract', brands: ['fjord', 'lund'], notices: [{ version: 1, texts: { da: 'Ordrer.', en: 'Orders.' } }] },
  ],
  systems: [],
  identityProviders: [],
};

export const password = 'a long walk on the beach';

export interface Shop extends TestService {
  readonly events: EventStore;
  emailClaim(email: string): string;
  person(email: string, options?: { verified?: boolean; brand?: string }): Promise<string>;
}

const callback: Readonly<Record<string, string>> = { 'fjord-web': 'http://127.0.0.1:3100/callback', 'lund-web': 'http://127.0.0.1:3200/callback' };

/** The service with two brands; rates are out of the way unless a test is about them. */
export const startShop = async (options: Partial<TestServiceOptions> = {}): Promise<Shop> => {
  const ports = options.ports ?? memoryPorts();
  const secrets: Secrets = options.secrets ?? (await generateSecrets(installation.clients.map(({ id }) => id)));
  const events = currentEvents(ports);
  const given = options.installation ?? installation;
  await applyConfigFiles(events, given, new Date().toISOString());
  const env = { RATE_LOGIN_PER_MINUTE: '10000', RATE_IDENTIFIER_PER_MINUTE: '10000', ...options.env };
  const service = await startTestService({ modules: [AuthenticationModule], ...options, ports, secrets, installation: given, env });
  const lookup = keyedLookup(secrets.lookupKey);
  const emailClaim = (email: string): string => lookup('email', normaliseEmail(email));
  return { ...service, events, emailClaim, person: (email, more) => register(events, emailClaim(email), email, more) };
};

const register = async (events: EventStore, emailClaim: string, email: string, { verified = true, brand = 'fjord' } = {}): Promise<string> => {
  const customerId = randomId();
  const at = new Date().toISOString();
  const passwordHash = await hash(password);
  const contact = { email, name: { given: 'Ida', family: 'Holm' } };
  const decisions = [
    decision(
      customer,
      customerStream(customerId),
      { type: 'RegisterCustomer', at, data: { kind: 'full', brandId: brand, language: 'en', contact, emailClaim } },
      ...(verified ? [{ type: 'VerifyEmail' as const, at, data: { emailClaim } }] : []),
    ),
    decision(claim, claimStream(emailClaim), { type: 'ClaimIdentifier', at, data: { customerId } }),
    decision(credential, credentialStream(customerId), { type: 'SetPassword', at, data: { passwordHash } }),
    decision(consent, consentStream(customerId), { type: 'GrantConsent', at, data: { brandId: brand, purposeId: 'personal-offers', noticeVersion: 2, currentNotice: 2, language: 'en', channel: 'web' } }),
  ];
  await handle(events, decisions, { commandId: randomId(), actor: { kind: 'customer', id: customerId } }, at);
  return customerId;
};

/** As the registration service does it. */
export const suspend = async ({ events }: Pick<Shop, 'events'>, customerId: string): Promise<string> => {
  const at = new Date().toISOString();
  const decisions = [
    decision(customer, customerStream(customerId), { type: 'SuspendCustomer', at, data: { reason: 'fraud' } }),
    decision(login, loginStream(customerId), { type: 'RevokeSessions', at, data: { reason: 'suspension' } }),
  ];
  return (await handle(events, decisions, { commandId: randomId(), actor: { kind: 'client', id: 'fjord-web' } }, at)).position;
};

/** A shop's own side of a sign-in: what it asks for, and how it takes the answer. */
export class ShopClient {
  private constructor(
    readonly clientId: string,
    readonly config: client.Configuration,
  ) {}

  static async of({ httpUrl, secrets }: Shop, clientId: string): Promise<ShopClient> {
    const config = await client.discovery(new URL(httpUrl), clientId, secrets.clients[clientId], undefined, { execute: [client.allowInsecureRequests] });
    return new ShopClient(clientId, config);
  }

  readonly #verifier = client.randomPKCECodeVerifier();
  readonly #state = client.randomState();

  async signInUrl(more: Readonly<Record<string, string>> = {}): Promise<string> {
    const code_challenge = await client.calculatePKCECodeChallenge(this.#verifier);
    const asked = { redirect_uri: callback[this.clientId] ?? '', scope: 'openid profile email account', code_challenge, code_challenge_method: 'S256', state: this.#state, ...more };
    return client.buildAuthorizationUrl(this.config, asked).href;
  }

  tokens(callbackUrl: string): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers> {
    return client.authorizationCodeGrant(this.config, new URL(callbackUrl), { pkceCodeVerifier: this.#verifier, expectedState: this.#state });
  }
}

export const browserFor = ({ httpUrl }: Shop, language = 'en'): FormBrowser => new FormBrowser({ origins: [httpUrl], language });

export const logIn = (browser: FormBrowser, page: SeenPage, email: string, tried = password): Promise<SeenPage> =>
  browser.submit(page, chosenBy(page, 'password'), { email, password: tried });
