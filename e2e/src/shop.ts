import {
  authorizationCodeGrant, buildAuthorizationUrl, calculatePKCECodeChallenge, type Configuration, randomPKCECodeVerifier, randomState,
} from 'openid-client';
import type { FormBrowser, SeenPage } from '@kendt/testing/form-browser';
import type { Person } from './people.js';
import { discover } from './rest.js';
import type { World } from './world.js';

export interface SignedIn {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** How many forms the customer had to fill in. */
  readonly forms: number;
}

/** A brand's web shop as an OpenID Connect client: authorization code with PKCE, with a person's browser in between. */
export class Shop {
  constructor(
    private readonly world: World,
    readonly clientId: string,
    private readonly callback: string,
  ) {}

  configuration(): Promise<Configuration> {
    return discover(this.world.place.url, this.clientId, this.world.secret(this.clientId));
  }

  /** Up to the login form, or to the shop's callback where no form is needed. */
  async begin(browser: FormBrowser, more: Readonly<Record<string, string>> = {}): Promise<Begun> {
    const verifier = randomPKCECodeVerifier();
    const state = randomState();
    const url = buildAuthorizationUrl(await this.configuration(), {
      redirect_uri: this.callback,
      scope: 'openid profile email offline_access account',
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...more,
    });
    return { page: await browser.open(url), verifier, state };
  }

  isBack(page: SeenPage): boolean {
    return page.url.startsWith(this.callback);
  }

  async finish(page: SeenPage, { verifier, state }: Begun, forms: number): Promise<SignedIn> {
    const tokens = await authorizationCodeGrant(await this.configuration(), new URL(page.url), { pkceCodeVerifier: verifier, expectedState: state });
    return { claims: { ...tokens.claims() }, accessToken: tokens.access_token, refreshToken: tokens.refresh_token, forms };
  }

  /** The whole way; fills in the login form where one is shown. */
  async signIn(browser: FormBrowser, person: Person): Promise<SignedIn> {
    const begun = await this.begin(browser);
    if (this.isBack(begun.page)) return this.finish(begun.page, begun, 0);
    const page = await submitLogin(browser, begun.page, person.email, person.password);
    if (!this.isBack(page)) throw new Error(`The login did not lead back to the shop: ${page.status} ${page.text.slice(0, 200)}`);
    return this.finish(page, begun, 1);
  }
}

export interface Begun {
  readonly page: SeenPage;
  readonly verifier: string;
  readonly state: string;
}

export const submitLogin = (browser: FormBrowser, page: SeenPage, email: string, password: string): Promise<SeenPage> => {
  const form = page.forms.find(({ names }) => names.includes('password'));
  if (!form) throw new Error(`There is no login form on this page: ${page.status} ${page.text.slice(0, 200)}`);
  return browser.submit(page, form, { email, password });
};

export const fjordShop = (world: World): Shop => new Shop(world, 'fjord-web', 'http://127.0.0.1:3100/callback');
export const lundShop = (world: World): Shop => new Shop(world, 'lund-web', 'http://127.0.0.1:3200/callback');
