import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { TopicsUnavailable } from './failures.js';
import { tokenSource } from './token.js';

describe('tokens by client credentials', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  const asked: { authorization: string | undefined; body: string }[] = [];
  const source = async (status: number, answer: object, scope?: string) => {
    asked.length = 0;
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString())).on('end', () => {
        asked.push({ authorization: request.headers.authorization, body });
        response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    const tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    return tokenSource({ mechanism: 'oauthbearer', tokenUrl, clientId: 'kendt', clientSecret: 'env:S', ...(scope && { scope }) }, 's:cret');
  };

  it('are asked for once, and used for most of their life', async () => {
    const token = await source(200, { access_token: 'one', expires_in: 300 }, 'kafka');
    expect([await token(), await token()]).toMatchObject([{ value: 'one' }, { value: 'one' }]);
    expect(asked).toEqual([{ authorization: `Basic ${Buffer.from('kendt:s%3Acret').toString('base64')}`, body: 'grant_type=client_credentials&scope=kafka' }]);
  });

  it('are asked for anew when they have run out', async () => {
    const token = await source(200, { access_token: 'short', expires_in: 0 });
    await token();
    await new Promise((resolve) => setTimeout(resolve, 2));
    await token();
    expect(asked).toHaveLength(2);
  });

  it('that are refused are a mistake of the settings, those that cannot be had just now are not', async () => {
    await expect((await source(401, {}))()).rejects.toThrow('The token endpoint of Kafka refused the client with 401.');
    server?.close();
    await expect((await source(503, {}))()).rejects.toThrow(TopicsUnavailable);
    server?.close();
    await expect((await source(200, {}))()).rejects.toThrow('gave no access_token');
  });
});
