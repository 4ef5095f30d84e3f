import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the system gives to outgoing connections: what is stopped here must find its port free when it comes back. */
const [first, last] = [10_000, 32_000];

/** So many ports of 127.0.0.1 that nobody listens on. */
export const freePorts = async (count: number): Promise<number[]> => {
  const free = new Set<number>();
  while (free.size < count) {
    const port = first + Math.floor(Math.random() * (last - first));
    if (await isFree(port)) free.add(port);
  }
  return [...free];
};

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await new Promise((closed) => server.close(closed));
  return true;
};
