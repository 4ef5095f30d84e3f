import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Connector, erased, fileStore } from '@kendt/connector';
import type { Ground } from './apart.ground.js';
import type { Fact } from './scenario.js';

export interface Listener {
  /** Nothing is left for them to hear. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Those that config/demo knows: a case closes when each of them has answered. */
const systems = ['crm', 'erp'] as const;
const catchesUpWithinMs = 60_000;

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
    caughtUp: async () => {
      await Promise.all(connectors.map(heardAll));
      const parked = await Promise.all(connectors.map((connector) => connector.parked()));
      if (parked.flat().length > 0) say({ is: 'refused', what: 'connector', code: `${parked.flat().length} messages are parked` });
    },
    close: async () => void (await Promise.all(connectors.map((connector) => connector.close()))),
  };
};

const heardAll = async (connector: Connector): Promise<void> => {
  for (const until = Date.now() + catchesUpWithinMs; Date.now() < until; await sleep(100)) {
    const behind = await connector.lag().catch(() => ({ unknown: 1 }));
    if (Object.values(behind).every((messages) => messages === 0)) return;
  }
};
