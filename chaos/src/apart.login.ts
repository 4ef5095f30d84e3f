import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { FormBrowser, type SeenPage } from '@kendt/testing/form-browser';
import { type Caller, isRetryable } from './apart.caller.js';
import type { Ground } from './apart.ground.js';
import { tokenInMail } from './apart.mails.js';
import { accountAfter, lastPosition } from './apart.rows.js';
import type { Fact } from './scenario.js';

export interface Patron {
  signIn(): Promise<void>;
}

const callback = 'http://127.0.0.1:3100/callback';

class NoPage extends Error {
  override readonly name = 'NoPage';

  constructor(
    readonly status: number,
    readonly retryAfter: string | null,
    /** What the shop is told in place of a code (RFC 6749, 4.1.2.1). */
    readonly code?: string,
  ) {
    super(`A page was answered with ${status}`);
  }
}

/** What became of a login that did not succeed. A redirect to the shop cannot carry Retry-After: `temporarily_unavailable` says the same. */
export const failureOf = (error: unknown): Fact => {
  if (!(error instanceof NoPage)) return { is: error instanceof TypeError ? 'again' : 'refused', what: 'login', status: 0, ...(!(error instanceof TypeError) && { code: String(error) }) };
  const { status, retryAfter, code } = error;
  return { is: isRetryable({ status, retryAfter }) || code === 'temporarily_unavailable' ? 'again' : 'refused', what: 'login', status, retryAfter, code };
};

/** The code that the shop gets, once the browser is there. @throws NoPage */
export const codeAt = (page: Ended): string => {
  const code = page.url.startsWith(callback) ? new URL(page.url).searchParams.get('code') : null;
  if (!code) throw instead(page);
  return code;
};

type Ended = Pick<SeenPage, 'url' | 'status' | 'headers'>;

/** Where the browser was to be let in: it may have been sent back to the shop before there was a form. */
const instead = ({ url, status, headers }: Ended): NoPage =>
  (url.startsWith(callback) ? new NoPage(303, null, new URL(url).searchParams.get('error') ?? undefined) : new NoPage(status, headers.get('retry-after')));

/** A customer with a login, who has followed the link of the mail. */
export const patronOf = async (ground: Ground, caller: Caller, say: (fact: Fact) => void): Promise<Patron> => {
  const [email, password] = [`patron-${randomUUID()}@example.org`, `${randomBytes(9).toString('base64url')} lamp`];
  const body = { kind: 'full', email, name: { given: 'Pat', family: 'Ron' }, password, language: 'da', consents: [] };
  const before = lastPosition(ground);
  await caller.ask({ what: 'register-full', method: 'POST', path: '/v1/customers', key: randomUUID(), body });
  const token = await tokenInMail(ground, await accountAfter(ground, before), '/verify');
  if (token === undefined) throw new Error('The mail with the link to verify the address did not come');
  const { status } = await new FormBrowser({ origins: [ground.apart.url] }).open(new URL(`/verify?token=${token}`, ground.apart.url));
  if (status !== 200) throw new Error(`The link of the mail was answered with ${status}`);
  return {
    signIn: async () => {
      try {
        await signIn(ground, email, password);
        say({ is: 'signed-in', at: Date.now() });
      } catch (error) {
        say(failureOf(error));
      }
    },
  };
};

/** Authorization code with PKCE, up to the tokens. */
const signIn = async ({ apart: { url }, secret }: Ground, email: string, password: string): Promise<void> => {
  const verifier = randomBytes(32).toString('base64url');
  const browser = new FormBrowser({ origins: [url] });
  const asked = new URLSearchParams({
    client_id: 'fjord-web', response_type: 'code', redirect_uri: callback, scope: 'openid profile', state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  const page = await browser.open(new URL(`/oidc/auth?${asked.toString()}`, url));
  const form = page.forms.find(({ names }) => names.includes('password'));
  if (!form) throw instead(page);
  const back = await browser.submit(page, form, { email, password });
  const body = new URLSearchParams({ grant_type: 'authorization_code', code: codeAt(back), redirect_uri: callback, code_verifier: verifier });
  const authorization = `Basic ${Buffer.from(`fjord-web:${secret('clients/fjord-web')}`).toString('base64')}`;
  const answer = await fetch(new URL('/oidc/token', url), { method: 'POST', body, headers: { authorization } });
  if (!answer.ok) throw new NoPage(answer.status, answer.headers.get('retry-after'));
};
