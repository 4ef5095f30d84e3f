import { allowInsecureRequests, clientCredentialsGrant, type Configuration, discovery } from 'openid-client';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Byte for byte. */
  readonly text: string;
  readonly body: Record<string, unknown>;
}

interface Ask {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request over the network, with what came back. */
export const ask = async (url: string, method: string, path: string, { token, body, headers }: Ask = {}): Promise<Answer> => {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
};

const parsed = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
};

/** The provider as a certified client sees it. */
export const discover = (url: string, clientId: string, secret: string): Promise<Configuration> =>
  discovery(new URL(url), clientId, secret, undefined, { execute: [allowInsecureRequests] });

/** A channel backend's own token. */
export const backendToken = async (url: string, clientId: string, secret: string, scope: string): Promise<string> => {
  const tokens = await clientCredentialsGrant(await discover(url, clientId, secret), { scope, resource: 'urn:kendt:api' });
  return tokens.access_token;
};
