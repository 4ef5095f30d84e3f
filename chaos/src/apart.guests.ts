import { randomUUID } from 'node:crypto';
import type { Caller } from './apart.caller.js';
import type { Fact } from './scenario.js';

export interface Shopper {
  readonly customer: string;
  changes: number;
  answers: number;
}

/** A guest, who is known to the caller at once. */
export const register = async (caller: Caller, say: (fact: Fact) => void, email?: string): Promise<Shopper | undefined> => {
  const body = { kind: 'guest', language: 'da', ...(email ? { email } : { phone: '+4520000000' }) };
  const reply = await caller.ask({ what: 'register', method: 'POST', path: '/v1/customers', key: randomUUID(), body });
  const customer = reply && String(reply.body['customerId']);
  if (customer) say({ is: 'done', what: 'register', customer });
  return customer ? { customer, changes: 0, answers: 0 } : undefined;
};
