import { randomUUID } from 'node:crypto';
import type { ShopClient, Wanted } from './shop-client.js';

export const steps = ['create', 'change', 'lock', 'delete'] as const;
export type Step = (typeof steps)[number];

/** A customer's life as a shop's backend leads it, request by request. The person exists nowhere. */
export const guest = (number: string): object => ({
  kind: 'guest', email: `person.${number}@example.org`, name: { given: 'Ida', family: 'Holm' }, phone: '+4520123456', language: 'da',
});

const wanted: Readonly<Record<Step, (id: string, number: string) => Wanted>> = {
  create: (_, number) => ({ method: 'POST', path: '/v1/customers', body: guest(number) }),
  change: (id) => ({ method: 'PATCH', path: `/v1/customers/${id}/contact`, body: { phone: '+4520654321' } }),
  lock: (id) => ({ method: 'PUT', path: `/v1/customers/${id}/suspension`, body: { reason: 'requested' } }),
  delete: (id) => ({ method: 'POST', path: '/v1/erasure-cases', body: { customerId: id } }),
};

const expected: Readonly<Record<Step, number>> = { create: 201, change: 204, lock: 204, delete: 202 };

/** @param took hears of each request. @returns the last answer, which names the erasure case. */
export const leadLife = async (client: ShopClient, withKeys: boolean, took: (step: Step, ms: number) => void): Promise<{ customerId: string; caseId: string }> => {
  const number = randomUUID();
  let customerId = '';
  let caseId = '';
  for (const step of steps) {
    const answer = await client.send({ ...wanted[step](customerId, number), ...(withKeys && { idempotencyKey: `${number}-${step}` }) });
    if (answer.status !== expected[step]) throw new Error(`${step} was answered with ${answer.status}: ${answer.text}`);
    took(step, answer.ms);
    if (step === 'create') ({ customerId } = JSON.parse(answer.text) as { customerId: string });
    if (step === 'delete') ({ caseId } = JSON.parse(answer.text) as { caseId: string });
  }
  return { customerId, caseId };
};
