import { FormBrowser } from '@kendt/testing/form-browser';
import { expectThat, type Step } from '../step.js';
import { fjordShop, lundShop, submitLogin } from '../shop.js';
import type { World } from '../world.js';

/** Ida's browser goes through the whole journey with her: what it keeps is her single sign-on. */
export const idasBrowser = (world: World): FormBrowser => {
  const known = browsers.get(world) ?? new FormBrowser({ origins: [world.place.url], language: 'da' });
  browsers.set(world, known);
  return known;
};
const browsers = new WeakMap<World, FormBrowser>();

export const signInAtFjord: Step = {
  name: 'sign-in',
  title: 'Ida signs in at Fjord’s shop',
  play: async (world) => {
    const { claims, accessToken, refreshToken } = await fjordShop(world).signIn(idasBrowser(world), world.ida);
    expectThat(claims['aud'] === 'fjord-web' && claims['brand'] === 'fjord', 'The token is for Fjord’s shop', claims);
    expectThat(typeof refreshToken === 'string', 'There is a refresh token');
    world.note('ida', String(claims['sub']));
    world.note('ida-token', accessToken);
    world.note('ida-refresh', refreshToken ?? '');
    return { asked: 'authorization code with PKCE; one form: e-mail and password', answered: `ID token, aud ${String(claims['aud'])}, brand ${String(claims['brand'])}` };
  },
};

export const signInAtLund: Step = {
  name: 'single-sign-on',
  title: 'She goes on to Lund & Lys and is signed in without being asked again',
  play: async (world) => {
    const { claims, forms } = await lundShop(world).signIn(idasBrowser(world), world.ida);
    expectThat(forms === 0, 'No form is shown', forms);
    expectThat(claims['sub'] === world.noted('ida'), 'It is the same customer', claims['sub']);
    expectThat(claims['aud'] === 'lund-web' && claims['brand'] === 'lund', 'The token is for Lund’s shop', claims);
    return { asked: 'the same flow as another client, in the same browser', answered: `0 forms; aud ${String(claims['aud'])}, brand ${String(claims['brand'])}` };
  },
};

interface Attempt {
  readonly answer: string;
  readonly ms: number;
}

const tries = 5;

export const wrongPassword: Step = {
  name: 'wrong-password',
  title: 'A wrong password and an unknown address are answered alike',
  play: async (world) => {
    const wrong = await attempts(world, () => world.bo.email);
    const unknown = await attempts(world, (n) => `nobody.${n}.${world.bo.email}`);
    expectThat(new Set([...wrong, ...unknown].map(({ answer }) => answer)).size === 1, 'The pages are the same');
    const [known, nobody] = [median(wrong), median(unknown)];
    return {
      asked: `${tries} wrong passwords, ${tries} unknown addresses`,
      answered: `the same page; median ${known.toFixed(1)} ms and ${nobody.toFixed(1)} ms`,
      figures: { knownMs: Number(known.toFixed(1)), unknownMs: Number(nobody.toFixed(1)) },
    };
  },
};

const attempts = async (world: World, email: (n: number) => string): Promise<Attempt[]> => {
  const all: Attempt[] = [];
  for (let n = 0; n < tries; n++) {
    const browser = new FormBrowser({ origins: [world.place.url], language: 'en' });
    const { page } = await fjordShop(world).begin(browser);
    const begin = performance.now();
    const seen = await submitLogin(browser, page, email(n), 'not the right password');
    all.push({ ms: performance.now() - begin, answer: `${seen.status} ${seen.text}` });
  }
  return all;
};

const median = (all: readonly Attempt[]): number => [...all].sort((a, b) => a.ms - b.ms)[Math.floor(all.length / 2)]?.ms ?? 0;
