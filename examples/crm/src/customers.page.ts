import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StoredCustomer } from './customer.table.js';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escaped = (text: string | null): string => (text ?? '').replace(/[&<>"']/g, (character) => entities[character] ?? '');

const row = ({ name, email, phone, brandId, language, consents }: StoredCustomer): string =>
  `<tr>${[name, email, phone, brandId, language, consents].map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;

export const customersPage = (customers: readonly StoredCustomer[]): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>CRM: customers</title></head>
<body>
<main>
<h1>Customers</h1>
<p>${customers.length === 0 ? 'The CRM knows nobody.' : `The CRM knows ${customers.length}.`}</p>
<table>
<thead><tr>${['Name', 'E-mail', 'Phone', 'Brand', 'Language', 'Consents'].map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${customers.map(row).join('\n')}</tbody>
</table>
</main>
</body>
</html>
`;

/** A page of another site may reach 127.0.0.1 under a name of its own (DNS rebinding): only our own names are answered. */
const isOurs = ({ headers: { host = '' } }: IncomingMessage): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const answer = (list: () => StoredCustomer[], request: IncomingMessage, response: ServerResponse): void => {
  if (!isOurs(request)) return void response.writeHead(421).end();
  if (request.url !== '/') return void response.writeHead(404).end();
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  response.writeHead(200, headers).end(customersPage(list()));
};

/** Listens on 127.0.0.1. */
export const serveCustomers = (port: number, list: () => StoredCustomer[]): Promise<{ server: Server; port: number }> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => answer(list, request, response));
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new Error(`Port ${port} is in use; choose another with --port`, { cause: error }) : error),
    );
    server.listen(port, '127.0.0.1', () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });
