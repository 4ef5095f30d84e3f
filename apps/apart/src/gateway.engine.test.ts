import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './free-ports.js';
import { type Gateway, startGateway } from './gateway.js';
import { services } from './services.js';

/** As quick as deploy/gateway/Caddyfile asks (`health_interval`), and a little more. */
const gatewayKnowsMs = 800;
/** `fail_duration`: how long it leaves alone whoever could not be reached. */
const forgetsMs = 1100;

/** An instance as the gateway sees it: says whether it is ready, and counts what it is asked. */
class Fake {
  ready = true;
  breaks = false;
  asked = 0;
  readonly #http = createServer((request, response) => {
    if (request.url === '/health/ready') return void response.writeHead(this.ready ? 200 : 503).end();
    if (request.url === '/health/live') return void response.end();
    this.asked++;
    request.resume().on('end', () => (this.breaks ? request.socket.destroy() : response.end()));
  });
  #grpc: Http2Server | undefined;
  #grpcPort = 0;

  async open(): Promise<this> {
    await listen(this.#http, 0);
    await this.openGrpc(0);
    return this;
  }

  get ports(): { http: number; grpc: number; operators: number } {
    return { http: portOf(this.#http), grpc: this.#grpcPort, operators: 0 };
  }

  async openGrpc(port = this.#grpcPort): Promise<void> {
    this.#grpc = createHttp2Server((request, response) => {
      this.asked++;
      request.resume().on('end', () => response.end());
    });
    await listen(this.#grpc, port);
    this.#grpcPort = portOf(this.#grpc);
  }

  closeGrpc(): void {
    this.#grpc?.close();
    this.#grpc = undefined;
  }

  close(): void {
    this.#http.close();
    this.#http.closeAllConnections();
    this.closeGrpc();
  }
}

const listen = (server: Server | Http2Server, port: number): Promise<void> => new Promise((done) => void server.listen(port, '127.0.0.1', () => done()));
const portOf = (server: Server | Http2Server): number => (server.address() as AddressInfo).port;

describe('the gateway between two instances', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-gateway-'));
  let fakes: readonly [Fake, Fake];
  let gateway: Gateway | undefined;
  let url: string;
  beforeAll(async () => {
    fakes = [await new Fake().open(), await new Fake().open()];
    const [port] = await freePorts(1);
    const instances = services.flatMap(({ name }) => fakes.map(({ ports }, n) => ({ options: { name: `${name}-${n}`, service: name, env: {}, ports } })));
    gateway = await startGateway(port!, folder, instances);
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await gateway?.stop();
    for (const fake of fakes) fake.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const fake of fakes) Object.assign(fake, { ready: true, breaks: false, asked: 0 });
    await sleep(forgetsMs);
  });

  const status = async (method: 'GET' | 'POST'): Promise<number> => (await fetch(`${url}/v1/customers`, { method, ...(method === 'POST' && { body: '{}' }) })).status;
  const grpc = async (): Promise<number | undefined> => {
    const session = connect(url);
    try {
      const stream = session.request({ ':method': 'POST', ':path': '/kendt.consent.v1.Consent/Get', 'content-type': 'application/grpc' });
      return await new Promise((answered, failed) => stream.on('response', (headers) => answered(headers[':status'])).on('error', failed).end().resume());
    } finally {
      session.close();
    }
  };

  it.each(['GET', 'POST'] as const)('lets a %s wait while neither is ready, as when one has just come and the other is about to go', async (method) => {
    for (const fake of fakes) fake.ready = false;
    await sleep(gatewayKnowsMs);
    const waiting = status(method);
    await sleep(100);
    fakes[1].ready = true;
    expect([await waiting, fakes[0].asked, fakes[1].asked]).toEqual([200, 0, 1]);
  });

  it('lets a call by gRPC wait as well', async () => {
    for (const fake of fakes) fake.closeGrpc();
    const found = grpc(); // both refuse, and are left alone for a second
    await sleep(100);
    const another = grpc();
    await sleep(100);
    await fakes[0].openGrpc();
    expect([await found, await another, fakes[0].asked]).toEqual([200, 200, 2]);
    await fakes[1].openGrpc();
  });

  it('sends a command that an instance may have had to nobody else, and says so as Kendt does', async () => {
    for (const fake of fakes) fake.breaks = true;
    const answer = await fetch(`${url}/v1/customers`, { method: 'POST', body: '{}' });
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([503, '1', 'application/problem+json']);
    expect(fakes[0].asked + fakes[1].asked).toBe(1);
  });
});
