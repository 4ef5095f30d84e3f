import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './apart.ground.js';
import type { Fact } from './scenario.js';

export interface Asked {
  /** What a checker calls it. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: object;
  /** The Idempotency-Key. */
  readonly key?: string;
}

export interface Reply {
  /** 0: the connection broke, or nobody answered in time. */
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

const answersWithinMs = 30_000;
const againAfterMs = 100;
const tokenForMs = 60_000;
const scopes = 'customers:register customers:read customers:write consents:read consents:write purchases:write erasure:request';

/** What a caller may ask again: somebody else could answer, or the same one later, as it says itself. */
export const isRetryable = ({ status, retryAfter }: Pick<Reply, 'status' | 'retryAfter'>): boolean => [0, 502, 503, 504].includes(status) || retryAfter !== null;

/** A shop's backend. What fails in a way that allows it is sent again, with the same key, until it is answered. */
export class Caller {
  #token: { readonly value: string; readonly at: number } | undefined;

  constructor(
    private readonly ground: Ground,
    private readonly say: (fact: Fact) => void,
    /** Sends a command again under another key: what a careless caller does. */
    private readonly newKeys = false,
    private readonly patienceMs = 120_000,
  ) {}

  /** `undefined`: it was refused for good, or not answered at all; a fact says so. */
  async ask(asked: Asked): Promise<Reply | undefined> {
    const { what } = asked;
    const [begin, token] = [Date.now(), await this.token()];
    for (let tries = 1; ; tries++) {
      const key = asked.key && (this.newKeys && tries > 1 ? `${asked.key}-${tries}` : asked.key);
      const reply = await once(this.ground.apart.url, { ...asked, ...(key && { key }) }, token);
      if (reply.status >= 200 && reply.status < 300) return reply;
      const { status, code, retryAfter } = reply;
      this.say({ is: isRetryable(reply) ? 'again' : 'refused', what, status, code, retryAfter, at: Date.now(), ms: Date.now() - begin });
      if (!isRetryable(reply)) return undefined;
      if (Date.now() - begin > this.patienceMs) return void this.say({ is: 'unanswered', what, at: Date.now() });
      await sleep(againAfterMs);
    }
  }

  async token(): Promise<string> {
    if (this.#token && Date.now() - this.#token.at < tokenForMs) return this.#token.value;
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: scopes, resource: 'urn:kendt:api' });
    const headers = { authorization: `Basic ${Buffer.from(`fjord-web:${this.ground.secret('clients/fjord-web')}`).toString('base64')}` };
    for (const begin = Date.now(); ; await sleep(againAfterMs)) {
      const reply = await replyTo(new URL('/oidc/token', this.ground.apart.url), { method: 'POST', headers, body });
      if (reply.status === 200) return (this.#token = { value: String(reply.body['access_token']), at: Date.now() }).value;
      this.say({ is: isRetryable(reply) ? 'again' : 'refused', what: 'token', status: reply.status, code: reply.code, retryAfter: reply.retryAfter, at: Date.now() });
      if (!isRetryable(reply) || Date.now() - begin > this.patienceMs) throw new Error(`No token was given: ${reply.status} ${reply.code ?? ''}`);
    }
  }
}

const once = (url: string, { method, path, body, key }: Asked, token: string): Promise<Reply> => {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) };
  return replyTo(new URL(path, url), { method, headers, ...(body && { body: JSON.stringify(body) }) });
};

const nobody: Reply = { status: 0, code: undefined, retryAfter: null, body: {} };

const replyTo = async (url: URL, request: RequestInit): Promise<Reply> => {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(answersWithinMs) });
    const text = await response.text();
    const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, code: body['code'] as string | undefined, retryAfter: response.headers.get('retry-after'), body };
  } catch {
    return nobody;
  }
};
