import type { Connection, OperatorsConnection } from './connection.js';
import { Failure } from './failure.js';

const patienceMs = 30_000;

/** Asks, and turns whatever goes wrong into a sentence. */
const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
  try {
    return await fetch(url, { redirect: 'error', ...init });
  } catch (cause) {
    throw new Failure(`Kendt cannot be reached at ${new URL(url).origin}: is it running?`, { cause });
  }
};

export const getJson = async (url: string): Promise<unknown> => {
  const answer = await ask(url, { signal: AbortSignal.timeout(patienceMs) });
  if (!answer.ok) throw new Failure(`${new URL(url).pathname} was answered with ${answer.status}.`);
  return answer.json().catch(() => {
    throw new Failure(`${new URL(url).pathname} was not answered with JSON.`);
  });
};

/** Client credentials (RFC 6749, 4.4) for the API (RFC 8707). */
export const accessToken = async ({ url, clientId, secret }: Connection, scope: string): Promise<string> => {
  const { token_endpoint: endpoint } = (await getJson(`${url}/.well-known/openid-configuration`)) as { token_endpoint?: string };
  if (!endpoint || !URL.canParse(endpoint)) throw new Failure(`${url} does not say where tokens are given out: is this Kendt?`);
  const answer = await ask(endpoint, {
    method: 'POST',
    signal: AbortSignal.timeout(patienceMs),
    headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: 'urn:kendt:api' }),
  });
  const { access_token: token } = (await answer.json().catch(() => ({}))) as { access_token?: string };
  if (!token) throw new Failure(`${clientId} was not let in (${answer.status}): check its secret, and that it may have the scope ${scope}.`);
  return token;
};

/** Asks the operators' port. A body makes it a POST. Waits as long as fetch does: comparing and dropping take their time. */
export const askOperators = async <T>({ url, key }: OperatorsConnection, path: string, body?: object): Promise<T> => {
  const answer = await ask(`${url}/operators/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Failure(await said(answer));
  return answer.json() as Promise<T>;
};

/** Each line of an NDJSON answer as it arrives. A connection that breaks in between is a failure, never an end. */
export async function* getLines(url: string, token: string): AsyncIterable<string> {
  const answer = await ask(url, { headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson, application/problem+json' } });
  if (!answer.ok || !answer.body) throw new Failure(await said(answer));
  let rest = '';
  try {
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (cause) {
    throw new Failure('The connection broke before everything was told.', { cause });
  }
  if (rest !== '') yield rest;
}

const said = async (answer: Response): Promise<string> => {
  const { code, detail, errors } = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string; errors?: { pointer: string; detail: string }[] };
  const mistakes = (errors ?? []).map((mistake) => `${mistake.pointer.slice(1)} ${mistake.detail}`).join('; ');
  return `Kendt said no (${answer.status} ${code ?? 'without a reason'}): ${mistakes || detail || 'no more is known'}.`;
};
