import type { KafkaLogin } from './address.js';
import { TopicsUnavailable } from './failures.js';

type TokenLogin = Extract<KafkaLogin, { readonly mechanism: 'oauthbearer' }>;

interface Token {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

const patienceMs = 5_000;
const unlessToldMs = 60_000;

/** Tokens by client credentials (RFC 6749, 4.4), each used for most of its life. */
export const tokenSource = ({ tokenUrl, clientId, scope }: TokenLogin, secret: string): (() => Promise<{ readonly value: string }>) => {
  let token: Token | undefined;
  return async () => {
    if (!token || token.until < Date.now()) token = await fetchToken(tokenUrl, { clientId, secret, scope });
    return token;
  };
};

const fetchToken = async (url: string, { clientId, secret, scope }: { clientId: string; secret: string; scope: string | undefined }): Promise<Token> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }),
    signal: AbortSignal.timeout(patienceMs),
  }).catch((cause: unknown) => {
    throw new TopicsUnavailable(cause);
  });
  if (response.status >= 500) throw new TopicsUnavailable(new Error(`The token endpoint answered ${response.status}`));
  if (!response.ok) throw new Error(`The token endpoint of Kafka refused the client with ${response.status}.`);
  const { access_token: value, expires_in: seconds } = (await response.json()) as { access_token?: string; expires_in?: number };
  if (!value) throw new Error('The token endpoint of Kafka gave no access_token.');
  return { value, until: Date.now() + (seconds === undefined ? unlessToldMs : seconds * 1000 * 0.8) };
};
