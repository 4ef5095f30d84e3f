import { describe } from '@jest/globals';

/** For tests that stop and break servers, and need not a shared one: left out where `MONGODB_URL` names another server, which is to be tried alone. */
export const describeWithServers = (name: string, body: () => void): void => {
  if (process.env['MONGODB_URL']) describe.skip(`${name} (not on the server that MONGODB_URL names)`, body);
  else describe(name, body);
};
