import { randomUUID } from 'node:crypto';
import type { Caller } from './apart.caller.js';
import type { Ground } from './apart.ground.js';
import { register } from './apart.guests.js';
import { tokenInMail } from './apart.mails.js';
import type { Fact } from './scenario.js';

/** Somebody comes, asks to be erased, and confirms it with what the mail says. */
export const leave = async (ground: Ground, caller: Caller, say: (fact: Fact) => void): Promise<void> => {
  const shopper = await register(caller, say, `leaver-${randomUUID()}@example.org`);
  if (!shopper) return;
  const { customer } = shopper;
  const asked = await caller.ask({ what: 'ask-erasure', method: 'POST', path: '/v1/erasure-cases', key: randomUUID(), body: { customerId: customer, language: 'da' } });
  if (!asked) return;
  const caseId = String(asked.body['caseId']);
  const token = await tokenInMail(ground, customer, '/erasure/confirm');
  if (token === undefined) return say({ is: 'unanswered', what: 'erasure-mail', customer, at: Date.now() });
  const confirmed = await caller.ask({ what: 'erasure', method: 'POST', path: `/v1/erasure-cases/${caseId}/confirm`, key: randomUUID(), body: { token } });
  if (confirmed) say({ is: 'done', what: 'erasure', customer, case: caseId });
};
