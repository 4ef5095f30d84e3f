import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Id } from '@kendt/contracts';
import { isOurs, listen, type Listening, pageHeaders } from '@kendt/example-console';
import { z } from 'zod';
import type { WantedOrder } from './ordering.js';
import { frontPage, orderPage, sentencePage } from './shop.pages.js';
import type { Order, ShopTable } from './shop.table.js';

interface Shop {
  readonly table: Pick<ShopTable, 'count' | 'find'>;
  readonly order: (wanted: WantedOrder) => Promise<Order | undefined>;
}

const newsletter = 'newsletter';
const mostBytes = 4096;
/** Whoever orders says who they are; a shop with a login takes the customer's id from that. */
const OrderForm = z.object({ formId: Id, customerId: Id, sku: z.string().max(40), quantity: z.coerce.number().int().min(1).max(99) });

const send = (response: ServerResponse, status: number, page: string): void => void response.writeHead(status, pageHeaders("'self'")).end(page);

const answer = async (shop: Shop, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (!isOurs(request)) return void response.writeHead(421).end();
  const { method = '', url = '' } = request;
  const number = /^\/orders\/(W-\d{5,15})$/.exec(url)?.[1];
  if (url === '/orders') return method === 'POST' ? takeForm(shop, request, response) : void response.writeHead(405, { allow: 'POST' }).end();
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  if (url === '/') return send(response, 200, frontPage({ formId: randomUUID(), known: shop.table.count(newsletter) }));
  const order = number === undefined ? undefined : shop.table.find(number);
  if (order) send(response, 200, orderPage(order));
  else send(response, 404, sentencePage('There is no such page'));
};

/** A browser says where a form came from; one of another site is refused. Other programs say nothing, and nobody is logged in here. */
const isFromElsewhere = ({ headers }: IncomingMessage): boolean => !['same-origin', 'none', undefined].includes(headers['sec-fetch-site']);

const takeForm = async (shop: Shop, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (isFromElsewhere(request)) return send(response, 403, sentencePage('This form is not from this shop'));
  if (!(Number(request.headers['content-length']) <= mostBytes)) return send(response, 413, sentencePage('This form is too large'));
  const sent = Object.fromEntries(new URLSearchParams(await text(request)));
  const form = OrderForm.safeParse(sent);
  const order = form.success ? await shop.order(form.data) : undefined;
  if (order) return void response.writeHead(303, { location: `/orders/${order.number}` }).end();
  const what = form.success ? 'The shop knows no customer with this id.' : 'Choose a product, how many (1 to 99), and say your customer id.';
  send(response, 422, frontPage({ formId: randomUUID(), known: shop.table.count(newsletter), wrong: { what, customerId: sent['customerId'] ?? '' } }));
};

/** Listens on 127.0.0.1. */
export const serveShop = (port: number, shop: Shop): Promise<Listening> =>
  listen(port, (request, response) => {
    answer(shop, request, response).catch(() => send(response, 500, sentencePage('Something went wrong')));
  });
