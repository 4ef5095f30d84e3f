import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Consumers } from '../runtime/consumers.js';
import type { Followers } from '../runtime/followers.js';
import type { Health } from './health.js';
import type { Metrics } from './metrics.js';

/** Health and metrics on a port of their own, which no customer can reach. */
export interface OperatorsServer {
  readonly port: number;
  close(): Promise<void>;
}

export const startOperators = async (host: string, port: number, health: Health, metrics: Metrics): Promise<OperatorsServer> => {
  const server = createServer((request, response) => {
    void answer(request, response, health, metrics).catch(() => response.writeHead(500).end());
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
      return send(readiness.status === 'ready' ? 200 : 503, 'application/json', JSON.stringify(readiness));
    }
    case '/metrics':
      return send(200, metrics.registry.contentType, await metrics.registry.metrics());
    default:
      return send(404, 'text/plain', 'There are /health/live, /health/ready and /metrics\n');
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

/** How far everything is that runs in the background. */
export const backgroundMetrics = (metrics: Metrics, followers: Followers, consumers: Consumers): void => {
  const perFollower = (value: (follower: ReturnType<Followers['running']>[number]) => number) => () =>
    followers.running().map((follower) => ({ labels: { name: follower.name }, value: value(follower) }));
  metrics.gauge('kendt_follower_caught_up', 'Whether a follower has read all history', perFollower(({ caughtUp }) => Number(caughtUp)));
  metrics.gauge('kendt_follower_parked_events', 'Events that a follower could not handle, or that wait behind one', perFollower(({ parkedCount }) => parkedCount));
  metrics.gauge('kendt_follower_seconds_since_batch', 'Seconds since a follower last moved', perFollower(({ name }) => followers.secondsSinceMove(name)));
  const perConsumer = (value: (state: ReturnType<Consumers['states']>[number]) => number) => () =>
    consumers.states().map((state) => ({ labels: { name: state.group }, value: value(state) }));
  metrics.gauge('kendt_consumer_running', 'Whether a consumer is connected', perConsumer(({ running }) => Number(running)));
  metrics.gauge('kendt_consumer_dead_letters', 'Messages that a consumer put aside since the start', perConsumer(({ deadLetters }) => deadLetters));
};
