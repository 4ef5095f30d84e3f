import type { IncomingMessage, ServerResponse } from 'node:http';
import { escaped, isOurs, listen, type Listening, page, pageHeaders } from '@kendt/example-console';
import type { StoredCustomer } from './customer.table.js';

const row = ({ name, email, phone, brandId, language, consents }: StoredCustomer): string =>
  `<tr>${[name, email, phone, brandId, language, consents].map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;

export const customersPage = (customers: readonly StoredCustomer[]): string =>
  page(
    'CRM: customers',
    `<h1>Customers</h1>
<p>${customers.length === 0 ? 'The CRM knows nobody.' : `The CRM knows ${customers.length}.`}</p>
<table>
<thead><tr>${['Name', 'E-mail', 'Phone', 'Brand', 'Language', 'Consents'].map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${customers.map(row).join('\n')}</tbody>
</table>`,
  );

const answer = (list: () => StoredCustomer[], request: IncomingMessage, response: ServerResponse): void => {
  if (!isOurs(request)) return void response.writeHead(421).end();
  if (request.url !== '/') return void response.writeHead(404).end();
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  response.writeHead(200, pageHeaders()).end(customersPage(list()));
};

/** Listens on 127.0.0.1. */
export const serveCustomers = (port: number, list: () => StoredCustomer[]): Promise<Listening> => listen(port, (request, response) => answer(list, request, response));
