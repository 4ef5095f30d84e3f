import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface Elsewhere {
  readonly url: string;
  close(): Promise<void>;
}

const listening = async (server: Server): Promise<Elsewhere> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))) };
};

export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean;
}

/** Another OpenID provider, with the library's own development pages: whoever is typed in is signed in. */
export const startOtherProvider = async (people: Readonly<Record<string, Person>>, redirectUri: () => string): Promise<Elsewhere> => {
  const server = createServer();
  const elsewhere = await listening(server);
  const [info, warn] = [console.info, console.warn];
  console.info = console.warn = () => undefined; // it says at length that it is for development
  const provider = new Provider(elsewhere.url, {
    clients: [{ client_id: 'kendt', client_secret: 'a secret between providers', redirect_uris: [redirectUri()] }],
    cookies: { keys: ['elsewhere'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, given_name: 'Ida', family_name: 'Holm', ...people[sub] }) }),
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  [console.info, console.warn] = [info, warn];
  return elsewhere;
};

/** Meta's three addresses. */
export const startFakeFacebook = (profile: () => Readonly<Record<string, string>>): Promise<Elsewhere> =>
  listening(
    createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://facebook.invalid');
      if (url.pathname === '/dialog') {
        const back = new URL(url.searchParams.get('redirect_uri') ?? '');
        back.search = new URLSearchParams({ code: 'once', state: url.searchParams.get('state') ?? '' }).toString();
        return void response.writeHead(302, { location: back.href }).end();
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(url.pathname === '/token' ? { access_token: 'token', token_type: 'bearer' } : profile()));
    }),
  );
