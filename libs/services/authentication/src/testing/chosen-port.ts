import { createServer, type AddressInfo } from 'node:net';

/** A port that is free at this moment: the other provider must know ours before we start. */
export const chosenPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
