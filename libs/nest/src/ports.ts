import { createServer, type AddressInfo } from 'node:net';

/** A port that is free at this moment. */
export const chosenPort = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Turns what the system says about a port into a sentence that names the setting. */
export const portError =
  (setting: string, port: number) =>
  (error: unknown): never => {
    const said = `${(error as NodeJS.ErrnoException).code ?? ''} ${(error as Error).message}`;
    if (/EADDRINUSE|address already in use|No address added/i.test(said))
      throw new Error(`Port ${port} is in use by another program: stop that one, or set ${setting} to another port.`, { cause: error });
    if (/EACCES/.test(said)) throw new Error(`Port ${port} may not be opened by this user: set ${setting} to one above 1023.`, { cause: error });
    if (/EADDRNOTAVAIL|ENOTFOUND/.test(said)) throw new Error(`HTTP_HOST is not an address of this machine.`, { cause: error });
    throw error;
  };
