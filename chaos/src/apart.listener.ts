import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, erased, fileStore } from '@kendt/connector';
import type { Ground } from './apart.ground.js';
import { lastPosition, rowsAfter } from './apart.rows.js';
import type { Fact } from './scenario.js';

export interface Listener {
  /** They have heard and answered all that stands in the streams since they began, or wait no longer: what is missing then, the checker tells. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Those that config/demo knows: a case closes when each of them has answered. */
const systems = ['crm', 'erp'] as const;
const catchesUpWithinMs = 60_000;

/** The group's systems, written with the connector SDK: each erases when it is told to, and the CRM tells of each consent that it hears. */
export const listen = async (ground: Ground, say: (fact: Fact) => void): Promise<Listener> => {
  const { apart, folder } = ground;
  const began = lastPosition(ground);
  let heard = 0;
  const connectors = systems.map((system) => {
    const store = fileStore(join(folder, `${system}-${randomUUID()}.memory`));
    const connector = connect({ system, topics: apart.places.TOPICS_URL, store, brands: ['fjord'] }).onErasure(() => erased());
    if (system !== 'crm') return connector;
    return connector.onConsent(({ customerId, state }) => {
      heard += 1;
      say({ is: 'heard', customer: customerId, state });
    });
  });
  for (const connector of connectors) connector.run().catch((error: unknown) => say({ is: 'refused', what: 'connector', code: String(error) }));
  await Promise.all(connectors.map(({ ready }) => ready));
  return {
    caughtUp: async () => {
      for (const until = Date.now() + catchesUpWithinMs; mustHear(ground, began, heard) && Date.now() < until; ) await sleep(200);
      const parked = await Promise.all(connectors.map((connector) => connector.parked()));
      if (parked.flat().length > 0) say({ is: 'refused', what: 'connector', code: `${parked.flat().length} messages are parked` });
    },
    close: async () => void (await Promise.all(connectors.map((connector) => connector.close()))),
  };
};

/** By the streams: the lag of a connector counts only what is published, and right after an outage that may be nothing. */
const mustHear = (ground: Ground, began: number, heard: number): boolean => {
  const counts = Map.groupBy(rowsAfter(ground, began), ({ type }) => type);
  const count = (type: string): number => counts.get(type)?.length ?? 0;
  return heard < count('ConsentGranted') + count('ConsentRefused') || count('ErasureCompleted') < count('CustomerFrozen');
};
