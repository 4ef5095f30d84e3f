import type { IncomingMessage, ServerResponse } from 'node:http';
import { Currency, Day, fieldErrors, Id, MinorUnits, problemMediaType, problemType, PurchaseLine, Slug } from '@kendt/contracts';
import { isOurs, listen, type Listening } from '@kendt/example-console';
import { z } from 'zod';
import { CustomerIsGone, type NewInvoice } from './booking.js';
import type { Invoice } from './invoice.table.js';

const mostBytes = 64 * 1024;

const PostInvoice = z.strictObject({
  customerId: Id,
  brandId: Slug.optional(),
  total: MinorUnits.default(129_900),
  currency: Currency.default('DKK'),
  date: Day.optional(),
  lines: z.array(PurchaseLine).min(1).max(200).optional(),
  deliveryNote: z.string().max(500).optional(),
});

class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly errors?: readonly { pointer: string; detail: string }[],
  ) {
    super(code);
  }
}

const send = (response: ServerResponse, status: number, body: object, type = 'application/json'): void => {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(JSON.stringify(body));
};

const sendProblem = (response: ServerResponse, { status, code, errors }: Problem): void =>
  send(response, status, { type: problemType(code), title: code, status, code, ...(errors && { errors }) }, problemMediaType);

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Problem(413, 'BODY_TOO_LARGE');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'JSON_INVALID');
  }
};

/** A page of another site can send a form to 127.0.0.1, but not JSON, and not under our own name. */
const check = (request: IncomingMessage): void => {
  const { method, url, headers } = request;
  if (!isOurs(request)) throw new Problem(421, 'HOST_UNKNOWN');
  if (url !== '/invoices') throw new Problem(404, 'NOT_FOUND');
  if (method !== 'POST') throw new Problem(405, 'METHOD_NOT_ALLOWED');
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) throw new Problem(415, 'CONTENT_TYPE_UNSUPPORTED');
};

const newInvoice = async (request: IncomingMessage, brand: string): Promise<NewInvoice> => {
  check(request);
  const body = PostInvoice.safeParse(jsonOf(await textOf(request)));
  if (!body.success) throw new Problem(422, 'BODY_INVALID', fieldErrors(body.error.issues));
  return { ...body.data, brandId: body.data.brandId ?? brand };
};

type Book = (invoice: NewInvoice) => Promise<Invoice>;

const answer = async (book: Book, brand: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  try {
    const { number, customerId, date, total, currency, until } = await book(await newInvoice(request, brand));
    send(response, 201, { number, customerId, date, total, currency, until });
  } catch (error) {
    if (error instanceof Problem) return sendProblem(response, error);
    if (error instanceof CustomerIsGone) return sendProblem(response, new Problem(410, 'CUSTOMER_GONE'));
    sendProblem(response, new Problem(500, 'INTERNAL'));
  }
};

/** `POST /invoices` on 127.0.0.1. */
export const serveInvoices = (port: number, brand: string, book: Book): Promise<Listening> => listen(port, (request, response) => void answer(book, brand, request, response));
