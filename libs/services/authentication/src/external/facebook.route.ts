import { type Profile, Strategy, type StrategyOptions } from 'passport-facebook';
import type { ExternalIdentity, ExternalRoute } from './external-identity.js';

export type FacebookUrls = Pick<StrategyOptions, 'authorizationURL' | 'tokenURL' | 'profileURL'>;

interface Facebook {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly urls?: FacebookUrls;
}

type Outcome = { readonly url: string } | { readonly user: ExternalIdentity };

/**
 * Meta through passport-facebook. The strategy is run as passport itself does it (lib/middleware/authenticate.js: a copy with
 * the outcomes bound), so that it needs neither Express nor a session: the state is kept and compared by the caller.
 */
export const facebookRoute = ({ id, clientId, clientSecret, urls = {} }: Facebook): ExternalRoute => {
  const strategyAt = (callbackURL: string): Strategy =>
    new Strategy(
      { clientID: clientId, clientSecret, callbackURL, profileFields: ['id', 'email', 'first_name', 'last_name'], enableProof: true, scope: ['email'], ...urls },
      (_access: string, _refresh: string, profile: Profile, done: (error: null, user: ExternalIdentity) => void) => done(null, toIdentity(id, profile)),
    );
  return {
    begin: async (state, callbackUrl) => {
      const outcome = await run(strategyAt(callbackUrl), {}, { state });
      if (!('url' in outcome)) throw new Error('Facebook was not asked');
      return { url: outcome.url, keep: {} };
    },
    finish: async (answer, _state, _keep, callbackUrl) => {
      const outcome = await run(strategyAt(callbackUrl), Object.fromEntries(answer.searchParams), {});
      if (!('user' in outcome)) throw new Error('Facebook sent nobody');
      return outcome.user;
    },
  };
};

const run = (strategy: Strategy, query: Readonly<Record<string, string>>, options: { readonly state?: string }): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const bound = Object.assign(Object.create(strategy) as Strategy, {
      redirect: (url: string) => resolve({ url }),
      success: (user: ExternalIdentity) => resolve({ user }),
      fail: () => reject(new Error('Facebook refused')),
      error: (cause: unknown) => reject(new Error('Facebook failed', { cause })),
    });
    bound.authenticate({ query, body: {}, headers: {} } as never, options);
  });

/**
 * Meta does not say whether it has confirmed the address, so it counts as not confirmed.
 * @throws Error without an id: everybody without one would be the same person.
 */
const toIdentity = (provider: string, { id, emails, name }: Profile): ExternalIdentity => {
  if (typeof id !== 'string' || id === '') throw new Error('Facebook sent no id');
  return {
    provider,
    subject: id,
    emailVerified: false,
    ...(emails?.[0]?.value && { email: emails[0].value }),
    ...(name?.givenName && name.familyName && { name: { given: name.givenName, family: name.familyName } }),
  };
};
