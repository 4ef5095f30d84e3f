import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { request } from 'node:http';
import type { Listening } from '@kendt/example-console';
import { serveCustomers } from './customers.page.js';

let server: Listening;
beforeAll(async () => {
  server = await serveCustomers(0, () => []);
});
afterAll(() => server.close());

const statusOf = (path: string, host: string, method = 'GET'): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({ port: server.port, host: '127.0.0.1', path, method, headers: { host } }, (response) => resolve(response.resume().statusCode)).on('error', reject).end();
  });

it.each([
  ['GET', '/', '127.0.0.1:3100', 200],
  ['GET', '/', 'localhost', 200],
  ['GET', '/', 'rebound.example', 421],
  ['GET', '/', '127.0.0.1.rebound.example', 421],
  ['GET', '/other', '127.0.0.1', 404],
  ['POST', '/', '127.0.0.1', 405],
])('%s %s at %s: %d', async (method, path, host, status) => {
  expect(await statusOf(path, host, method)).toBe(status);
});
