import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Requests in hand are cut off. */
  close(): Promise<void>;
}

/** A page of another site may reach 127.0.0.1 under a name of its own (DNS rebinding): only our own names are answered. */
export const isOurs = ({ headers: { host = '' } }: Pick<IncomingMessage, 'headers'>): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);

/** On 127.0.0.1; 0 takes a free port. */
export const listen = (port: number, answer: RequestListener): Promise<Listening> =>
  new Promise((resolve, reject) => {
    const server = createServer(answer);
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new Error(`Port ${port} is in use; choose another with --port`, { cause: error }) : error),
    );
    server.listen(port, '127.0.0.1', () => {
      const { port: taken } = server.address() as AddressInfo;
      resolve({ port: taken, url: `http://127.0.0.1:${taken}/`, close: () => closed(server) });
    });
  });

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
