import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from './health.js';
import type { OperatorsApi } from './operators.api.js';
import type { Metrics } from './metrics.js';

/** Health, metrics and what operators may ask for, on a port of its own, which no customer can reach. */
export interface OperatorsServer {
  readonly port: number;
  close(): Promise<void>;
}

export const startOperators = async (host: string, port: number, health: Health, metrics: Metrics, api: OperatorsApi): Promise<OperatorsServer> => {
  const server = createServer((request, response) => {
    const answered = request.url?.startsWith('/operators/') ? api.answer(request, response) : answer(request, response, health, metrics);
    void answered.catch(() => (response.headersSent ? response.destroy() : response.writeHead(500).end()));
  });
  await listen(server, host, port);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
};

const answer = async ({ method, url }: IncomingMessage, response: ServerResponse, health: Health, metrics: Metrics): Promise<void> => {
  const send = (status: number, type: string, body: string): void => void response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  if (method !== 'GET' && method !== 'HEAD') return send(405, 'text/plain', 'Only GET\n');
  switch (url?.split('?')[0]) {
    case '/health/live':
      return send(200, 'application/json', JSON.stringify({ status: 'live' }));
    case '/health/ready': {
      const readiness = await health.readiness();
      return send(readiness.status === 'not-ready' ? 503 : 200, 'application/json', JSON.stringify(readiness));
    }
    case '/metrics':
      return send(200, metrics.registry.contentType, await metrics.registry.metrics());
    default:
      return send(404, 'text/plain', 'There are /health/live, /health/ready, /metrics and, with a key, /operators/views, /operators/parked and /operators/topics/republish\n');
  }
};

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
