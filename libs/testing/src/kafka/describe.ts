import { describe } from '@jest/globals';

/** For tests that stop and break brokers: left out where `KAFKA_URL` names a cluster that somebody else may need. */
export const describeWithBrokers = (name: string, body: () => void): void => {
  if (process.env['KAFKA_URL']) describe.skip(`${name} (not on the cluster that KAFKA_URL names)`, body);
  else describe(name, body);
};
