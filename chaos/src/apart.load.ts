import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { Caller } from './apart.caller.js';
import type { Ground } from './apart.ground.js';
import { register, type Shopper } from './apart.guests.js';
import { leave } from './apart.leaving.js';
import { patronOf } from './apart.login.js';
import { listen } from './apart.listener.js';
import { tillOf } from './apart.till.js';
import type { Fact } from './scenario.js';

export interface Load {
  /** Every caller finishes what it is at, and the connector has heard all of it. */
  end(): Promise<void>;
}

interface LoadOptions {
  readonly random: () => number;
  readonly say: (fact: Fact) => void;
  readonly newKeys?: boolean;
}

const callers = 3;
const pauseMs = 40;
const loginPauseMs = 700;
const leavingPauseMs = 2_000;
const customersOfOne = 12;

type Act = (shopper: Shopper) => Promise<void>;

/** Steady: registrations, changes, consents, purchases by REST and over Kafka, looks by REST and gRPC, logins, and now and then somebody leaves. */
export const beginLoad = async (ground: Ground, { random, say: tell, newKeys = false }: LoadOptions): Promise<Load> => {
  const say = (fact: Fact): void => tell({ at: Date.now(), ...fact });
  const caller = new Caller(ground, say, newKeys);
  const producer = new kafkajs.Kafka({ clientId: 'erp', brokers: ground.kafka.addresses.plain, logLevel: kafkajs.logLevel.NOTHING }).producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const listener = await listen(ground, say);
  const [till, patron] = [tillOf(ground, caller, say), await patronOf(ground, caller, say)];
  let going = true;
  const acts = actsOf(caller, say);
  const again = async (ms: number, act: () => Promise<void>): Promise<void> => {
    for (; going; await sleep(ms)) await act();
  };
  const shop = async (): Promise<void> => {
    const shoppers: Shopper[] = [];
    await again(pauseMs, async () => {
      const shopper = shoppers.length < 2 || (shoppers.length < customersOfOne && random() < 0.2) ? await register(caller, say) : undefined;
      if (shopper) shoppers.push(shopper);
      const [one, act] = [shoppers[Math.floor(random() * shoppers.length)], acts[Math.floor(random() * acts.length)]!];
      if (one) await act(one);
    });
  };
  const looks = async (): Promise<void> => {
    const shopper = await register(caller, say);
    await again(pauseMs * 5, async () => void (shopper && (await till.look(shopper.customer))));
  };
  const invoices = async (): Promise<void> => {
    const shopper = await register(caller, say);
    await again(pauseMs * 5, async () => void (shopper && (await invoice(producer, shopper.customer, say))));
  };
  const work = [...Array.from({ length: callers }, shop), looks(), invoices(), again(loginPauseMs, () => patron.signIn()), again(leavingPauseMs, () => leave(ground, caller, say))];
  const all = Promise.all(work);
  all.catch(() => (going = false)); // told by end()
  return {
    end: async () => {
      going = false;
      try {
        await all;
        await listener.caughtUp();
      } finally {
        till.close();
        await listener.close();
        await producer.disconnect().catch(() => undefined);
      }
    },
  };
};

const actsOf = (caller: Caller, say: (fact: Fact) => void): readonly Act[] => {
  const command = async (what: string, customer: string, method: 'PUT' | 'PATCH' | 'POST', path: string, body: object, more: object = {}): Promise<void> => {
    if (await caller.ask({ what, method, path, key: randomUUID(), body })) say({ is: 'done', what, customer, ...more });
  };
  const contact: Act = (shopper) => command('contact', shopper.customer, 'PATCH', `/v1/customers/${shopper.customer}/contact`, { phone: `+4521${String(++shopper.changes).padStart(6, '0')}` });
  const consent: Act = (shopper) =>
    command('consent', shopper.customer, 'PUT', `/v1/customers/${shopper.customer}/consents/newsletter`, { answer: ++shopper.answers % 2 ? 'granted' : 'refused', noticeVersion: 1, language: 'da' });
  const purchase: Act = ({ customer }) => {
    const purchaseId = randomUUID();
    return command('purchase', customer, 'POST', '/v1/purchases', { customerId: customer, ...purchaseOf(purchaseId) }, { purchaseId });
  };
  const profile: Act = async ({ customer }) => void (await caller.ask({ what: 'profile', method: 'GET', path: `/v1/customers/${customer}` }));
  return [contact, contact, consent, purchase, profile];
};

/** From the ERP, over Kafka. */
const invoice = async (producer: kafkajs.Producer, customer: string, say: (fact: Fact) => void): Promise<void> => {
  const purchaseId = randomUUID();
  await sent(producer, customer, purchaseId);
  say({ is: 'done', what: 'purchase', customer, purchaseId, overKafka: true });
};

const purchaseOf = (purchaseId: string): object => ({
  purchaseId, orderNumber: 'C-1', purchasedAt: new Date().toISOString(), currency: 'DKK', total: 39_900, channel: 'web', lines: [{ sku: 'LAMP-1', name: 'Lamp', quantity: 1, price: 39_900 }],
});

/** What the ERP says; it waits for a broker that is away. */
const sent = async (producer: kafkajs.Producer, customerId: string, purchaseId: string): Promise<void> => {
  const headers = { ce_specversion: '1.0', ce_id: purchaseId, ce_type: 'kendt.purchase.reported.v1', ce_source: 'urn:kendt:system:erp', 'content-type': 'application/json' };
  const value = JSON.stringify({ customerId, brandId: 'fjord', ...purchaseOf(purchaseId) });
  for (;;)
    try {
      return void (await producer.send({ topic: 'kendt.purchases.erp.v1', acks: -1, messages: [{ key: customerId, headers, value }] }));
    } catch {
      await sleep(200);
    }
};
