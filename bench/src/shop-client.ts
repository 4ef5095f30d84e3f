import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

export interface Wanted {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly idempotencyKey?: string;
}

const pauseMs = 20;
const wasUnheard = ({ status, text }: Answered): boolean => status === 503 && !text.includes('APPEND_UNCERTAIN');

const scopes = 'customers:register customers:write consents:write erasure:request';
const tokenLivesMs = 240_000;

/** What a shop's backend is to Kendt: a few connections that stay open, and a token that is renewed in time. */
export class ShopClient {
  readonly #agent: Agent;
  askedAgain = 0;
  #token: { readonly value: Promise<string>; readonly until: number } | undefined;

  constructor(
    private readonly url: string,
    private readonly clientId: string,
    private readonly secret: string,
    connections: number,
    private readonly insists = false,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  async send({ method, path, body, idempotencyKey }: Wanted): Promise<Answered> {
    const headers = { authorization: `Bearer ${await this.#fresh()}`, ...(idempotencyKey && { 'idempotency-key': idempotencyKey }) };
    const ask = (): Promise<Answered> => this.#send(method, path, headers, body && { type: 'application/json', text: JSON.stringify(body) });
    const began = performance.now();
    let answer = await ask();
    while (this.insists && wasUnheard(answer)) {
      this.askedAgain += 1;
      await sleep(pauseMs);
      answer = { ...(await ask()), ms: performance.now() - began };
    }
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }

  #fresh(): Promise<string> {
    if (!this.#token || this.#token.until < performance.now()) this.#token = { value: this.#ask(), until: performance.now() + tokenLivesMs };
    return this.#token.value;
  }

  async #ask(): Promise<string> {
    const authorization = `Basic ${Buffer.from(`${this.clientId}:${this.secret}`).toString('base64')}`;
    const text = new URLSearchParams({ grant_type: 'client_credentials', scope: scopes, resource: 'urn:kendt:api' }).toString();
    const answer = await this.#send('POST', '/oidc/token', { authorization }, { type: 'application/x-www-form-urlencoded', text });
    if (answer.status !== 200) throw new Error(`No token: ${answer.status} ${answer.text}`);
    return (JSON.parse(answer.text) as { access_token: string }).access_token;
  }

  #send(method: string, path: string, headers: Record<string, string>, body: { type: string; text: string } | undefined): Promise<Answered> {
    const began = performance.now();
    const length = body && { 'content-type': body.type, 'content-length': String(Buffer.byteLength(body.text)) };
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.url), { method, agent: this.#agent, headers: { ...headers, ...length } }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text, ms: performance.now() - began }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body?.text);
    });
  }
}
