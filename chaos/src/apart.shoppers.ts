import { randomUUID } from 'node:crypto';
import type { Caller } from './apart.caller.js';
import { purchaseOf } from './apart.erp.js';
import { register, type Shopper } from './apart.guests.js';
import type { Fact } from './scenario.js';

type Act = (shopper: Shopper) => Promise<void>;

const customersOfOne = 12;

/** One caller: each time somebody does something, now and then somebody new. */
export const shoppersOf = (caller: Caller, say: (fact: Fact) => void, random: () => number): (() => Promise<void>) => {
  const [acts, shoppers] = [actsOf(caller, say), [] as Shopper[]];
  const any = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
  return async () => {
    const isNew = shoppers.length < 2 || (shoppers.length < customersOfOne && random() < 0.2);
    const shopper = isNew ? await register(caller, say) : undefined;
    if (shopper) shoppers.push(shopper);
    const [one, act] = [any(shoppers), any(acts)!];
    if (one) await act(one);
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
