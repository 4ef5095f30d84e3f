import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connect, erased, fileStore } from '@kendt/connector';
import type { Ground } from './apart.ground.js';
import type { Fact } from './scenario.js';

export interface Listener {
  /** Tells of messages that they could not handle. */
  close(): Promise<void>;
}

/** Those that config/demo knows: a case closes when each of them has answered. */
const systems = ['crm', 'erp'] as const;

/** The group's systems, written with the connector SDK: each erases when it is told to, and the CRM tells of each consent that it hears. */
export const listen = async ({ apart, folder }: Ground, say: (fact: Fact) => void): Promise<Listener> => {
  const connectors = systems.map((system) => {
    const store = fileStore(join(folder, `${system}-${randomUUID()}.memory`));
    const connector = connect({ system, topics: apart.places.TOPICS_URL, store, brands: ['fjord'] }).onErasure(() => erased());
    return system === 'crm' ? connector.onConsent(({ customerId, state }) => say({ is: 'heard', customer: customerId, state })) : connector;
  });
  for (const connector of connectors) connector.run().catch((error: unknown) => say({ is: 'refused', what: 'connector', code: String(error) }));
  await Promise.all(connectors.map(({ ready }) => ready));
  return {
    close: async () => {
      const parked = (await Promise.all(connectors.map((connector) => connector.parked()))).flat().length;
      if (parked > 0) say({ is: 'refused', what: 'connector', code: `${parked} messages are parked` });
      await Promise.all(connectors.map((connector) => connector.close()));
    },
  };
};
