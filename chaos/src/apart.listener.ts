import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, fileStore } from '@kendt/connector';
import type { Ground } from './apart.ground.js';
import { lastPosition, rowsAfter } from './apart.rows.js';
import type { Fact } from './scenario.js';

export interface Listener {
  /** It has heard as many consents as stand in the streams since it began, or waits no longer: what is missing then, the checker tells. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

const catchesUpWithinMs = 60_000;

/** The group's CRM, written with the connector SDK: tells of each consent that it hears. */
export const listen = async (ground: Ground, say: (fact: Fact) => void): Promise<Listener> => {
  const { apart, folder } = ground;
  const began = lastPosition(ground);
  let heard = 0;
  const connector = connect({ system: 'crm', topics: apart.places.TOPICS_URL, store: fileStore(join(folder, `crm-${randomUUID()}.memory`)), brands: ['fjord'] });
  connector.onConsent(({ customerId, state }) => {
    heard += 1;
    say({ is: 'heard', customer: customerId, state });
  });
  connector.run().catch((error: unknown) => say({ is: 'refused', what: 'connector', code: String(error) }));
  await connector.ready;
  // Its lag does not tell: what is not published yet does not count.
  const given = (): number => rowsAfter(ground, began).filter(({ type }) => type === 'ConsentGranted' || type === 'ConsentRefused').length;
  return {
    caughtUp: async () => {
      for (const until = Date.now() + catchesUpWithinMs; heard < given() && Date.now() < until; ) await sleep(200);
    },
    close: () => connector.close(),
  };
};
