import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import type { Listening } from '@kendt/example-console';
import { CustomerIsGone, type NewInvoice } from './booking.js';
import { serveInvoices } from './invoice.http.js';

const booked: NewInvoice[] = [];
let server: Listening;

beforeAll(async () => {
  const book = async (invoice: NewInvoice) => {
    if (invoice.customerId === 'gone') throw new CustomerIsGone('gone');
    if (invoice.customerId === 'broken') throw new Error('ida@example.org');
    booked.push(invoice);
    return { number: 'INV-2026-0001', date: '2026-03-01', bookedAt: '', until: '2031-12-31', ...invoice, lines: [] } as never;
  };
  server = await serveInvoices(0, 'fjord', book);
});
afterAll(() => server.close());

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly type?: string;
  readonly host?: string;
}
const post = (body: string, { path = '/invoices', method = 'POST', type = 'application/json', host = '127.0.0.1' }: Sent = {}): Promise<{ status: number | undefined; body: string }> =>
  new Promise((resolve, reject) => {
    const sent = request({ port: server.port, host: '127.0.0.1', path, method, headers: { host, 'content-type': type } }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode, body: text }));
    });
    sent.on('error', reject).end(body);
  });

describe('POST /invoices', () => {
  it('books an invoice, of the usual brand and sum unless told', async () => {
    const { status, body } = await post('{"customerId":"ida"}');
    expect([status, JSON.parse(body)]).toEqual([201, { number: 'INV-2026-0001', customerId: 'ida', date: '2026-03-01', total: 129_900, currency: 'DKK', until: '2031-12-31' }]);
    expect(booked).toEqual([{ customerId: 'ida', brandId: 'fjord', total: 129_900, currency: 'DKK' }]);
  });

  it.each<[string, number, string, Sent]>([
    ['{', 400, 'JSON_INVALID', {}],
    ['{}', 422, 'BODY_INVALID', {}],
    ['{"customerId":"ida","total":1.5}', 422, 'BODY_INVALID', {}],
    ['{"customerId":"ida","vip":true}', 422, 'BODY_INVALID', {}],
    [' '.repeat(70_000), 413, 'BODY_TOO_LARGE', {}],
    ['customerId=ida', 415, 'CONTENT_TYPE_UNSUPPORTED', { type: 'application/x-www-form-urlencoded' }],
    ['{"customerId":"ida"}', 421, 'HOST_UNKNOWN', { host: 'evil.example' }],
    ['{"customerId":"ida"}', 404, 'NOT_FOUND', { path: '/' }],
    ['{"customerId":"ida"}', 405, 'METHOD_NOT_ALLOWED', { method: 'PUT' }],
    ['{"customerId":"gone"}', 410, 'CUSTOMER_GONE', {}],
    ['{"customerId":"broken"}', 500, 'INTERNAL', {}],
  ])('refuses %j: %d %s', async (body, status, code, sent) => {
    const answer = await post(body, sent);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { code, status }]);
    expect(answer.body).not.toContain('@');
  });
});
