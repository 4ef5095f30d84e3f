import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, fileStore } from '@kendt/connector';
import type { Ground } from './apart.ground.js';
import type { Fact } from './scenario.js';

export interface Listener {
  /** Nothing is left for it to hear. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

const catchesUpWithinMs = 60_000;

/** The group's CRM, written with the connector SDK: tells of each consent that it hears. */
export const listen = async ({ apart, folder }: Ground, say: (fact: Fact) => void): Promise<Listener> => {
  const connector = connect({ system: 'crm', topics: apart.places.TOPICS_URL, store: fileStore(join(folder, `crm-${randomUUID()}.memory`)), brands: ['fjord'] });
  connector.onConsent(({ customerId, state }) => say({ is: 'heard', customer: customerId, state }));
  connector.run().catch((error: unknown) => say({ is: 'refused', what: 'connector', code: String(error) }));
  await connector.ready;
  return {
    caughtUp: async () => {
      for (const until = Date.now() + catchesUpWithinMs; Date.now() < until; await sleep(100)) {
        const behind = await connector.lag().catch(() => ({ unknown: 1 }));
        if (Object.values(behind).every((messages) => messages === 0)) return;
      }
    },
    close: () => connector.close(),
  };
};
